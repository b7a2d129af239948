"""One listener's channels: live while it keeps up, from the log when it does not; for every transport."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import structlog

from gateway import snapshot, stays
from gateway.blocks import Forgotten
from gateway.channels import Channel, demand, may
from gateway.claims import Claims
from gateway.cursor import BadCursor, Vector
from gateway.errors import too_many
from gateway.hub import Write
from gateway.ring import Event
from gateway.state import State

log = structlog.get_logger()

STEP_EVENTS = 200
# Given out at once, and so written at once: as much as a client may have unsent.
PIECE_BYTES = 32 * 1024
# A cursor may come from a gateway that is ahead of this one by milliseconds; after this it is of another log.
AHEAD_SECONDS = 10.0


class Sink(Protocol):
    """Where a transport takes events, or their frames as one piece.

    `write` says whether there is room for more, `ready` waits for it.
    """

    def write(self, events: list[Event], wire: bytes) -> bool: ...

    def control(self, frame: dict[str, Any]) -> None: ...

    async def ready(self) -> None: ...


class Feed:
    """What one connection hears. `count`: events given to it; `straight`: as the hub has it."""

    # Of a delivery to one of 2,000 what Python takes is waiting for memory: slots saved 0.3 us of 6.4.
    __slots__ = ("_joined", "_live", "_person", "_sink", "_tasks", "_wanted", "claims", "count", "straight")

    def __init__(self, live: State, claims: Claims, sink: Sink) -> None:
        self.claims = claims
        self.count = 0
        self.straight: Write | None = None
        self._person = (claims.property_id, claims.user_id)
        self._live = live
        self._sink = sink
        self._wanted: dict[str, Channel] = {}
        self._joined: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> bool:
        """Whether every channel is live."""
        return len(self._joined) == len(self._wanted)

    @property
    def live(self) -> frozenset[str]:
        """The channels that are heard live: what was missed of them was written before."""
        return frozenset(self._joined)

    def subscribe(self, name: str, cursor: str | None, number: int | None = None) -> None:
        """Listens to a channel from a cursor, or from a snapshot on. Refused where it may not.

        `number`: the client's, which its answer has.
        """
        self.resume([name], cursor, {} if number is None else {"n": number})

    def resume(self, names: list[str], cursor: str | None, more: dict[str, Any] | None = None) -> None:
        """Listens to channels from one cursor: a hotel's events come in the log's order over all of them.

        So the last event's cursor holds for each of them, which one position for a whole stream needs.
        """
        new = len(set(names) - self._wanted.keys())
        if new and len(self._wanted) + new > (most := self._live.settings.socket_channels):
            raise too_many(most)
        hotels: dict[str, dict[str, Channel]] = {}
        for name in names:
            channel = demand(self.claims, name, self._live.model)
            hotels.setdefault(channel.property_id, {})[name] = channel
        self._live.listening.demand(self._person, new)
        for property_id, channels in hotels.items():
            self._listen(property_id, channels, cursor, more or {})

    def _listen(
        self, property_id: str, channels: dict[str, Channel], cursor: str | None, more: dict[str, Any]
    ) -> None:
        for name, channel in channels.items():
            self.unsubscribe(name)
            self._wanted[name] = channel
        self._live.listening.more(self._person, len(channels))
        try:
            vector = self._live.hub.cursors.decode(property_id, cursor) if cursor else None
        except BadCursor:
            vector = None
        if vector is None:
            for name, channel in channels.items():
                self._snapshot(name, channel, reset=bool(cursor), more=more)
            return
        for name in channels:
            self._subbed({"t": "subbed", "ch": name, "cur": cursor, "recovered": True} | more)
        self._start(property_id, channels, vector)

    def unsubscribe(self, name: str) -> None:
        """No more of it."""
        channel = self._wanted.pop(name, None)
        if channel is not None:
            self._joined.discard(name)
            self._live.hub.leave(channel.property_id, name, self)
            self._live.listening.less(self._person)

    def told(self, events: list[Event], wire: bytes) -> None:
        """All that a tick brought, in one write; with no room left the feed goes on from the log."""
        if self.claims.role == "guest":
            heard = [one for one in events if self._hears(one)]
            if len(heard) < len(events):
                events, wire = heard, _wire(heard)
        self.count += len(events)
        if events and not self._sink.write(events, wire):
            self.fall_behind()

    def straighten(self, line: Write | None) -> None:
        """The sink is but this line and has room; None: it has to be asked. A guest hears not all."""
        self.straight = None if self.claims.role == "guest" else line

    def leave(self) -> None:
        """Leaves every channel; what still catches up will end."""
        for name in list(self._wanted):
            self.unsubscribe(name)
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """The same, and has ended it."""
        self.leave()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def recheck(self) -> list[str]:
        """Leaves the channels these claims may no longer hear and names them."""
        lost = [n for n, channel in self._wanted.items() if not may(self.claims, channel, self._live.model)]
        for name in lost:
            self.unsubscribe(name)
        return lost

    def _snapshot(self, name: str, channel: Channel, reset: bool, more: dict[str, Any]) -> None:
        hub = self._live.hub
        found = snapshot.of(channel, self.claims, self._live.model, self._live.presence, self._live.clock())
        frame = {"t": "subbed", "ch": name, "cur": hub.cursor(channel.property_id), "snapshot": found}
        self._subbed(frame | ({"reset": True} if reset else {}) | more)
        self._join(name, channel)

    def _said_once(self, name: str, channel: Channel) -> None:
        """What is said once and never replayed, for who was behind: who is there, watchdogs' words to all.

        A watchdog speaks to the whole group from one partition, so no hotel's cursor covers it.
        """
        if channel.kind in ("staff", "ops"):
            property_id = channel.property_id
            cursor, online = self._live.hub.cursor(property_id), self._live.presence.online(property_id)
            frame: dict[str, Any] = {"t": "subbed", "ch": name, "cur": cursor, "recovered": True}
            frame["online"] = online
            if channel.kind == "ops":
                frame["system_alerts"] = snapshot.group_alerts(self._live.model)
            self._subbed(frame)

    def _subbed(self, frame: dict[str, Any]) -> None:
        since = self._live.tail.stale_since
        self._sink.control(frame if since is None else frame | {"stale_since": since})

    def _join(self, name: str, channel: Channel) -> None:
        self._live.hub.join(channel.property_id, name, self)
        self._joined.add(name)

    def fall_behind(self) -> None:
        """All up to here was written; there is no room for more, and what comes is read from the log."""
        hotels: dict[str, dict[str, Channel]] = {}
        for name in self._joined:
            channel = self._wanted[name]
            hotels.setdefault(channel.property_id, {})[name] = channel
            self._live.hub.leave(channel.property_id, name, self)
        self._joined.clear()
        for property_id, channels in hotels.items():
            # Flushed at the end of a tick: all up to the hub's vector was written.
            self._start(property_id, channels, self._live.hub.vector(property_id))

    def _start(self, property_id: str, channels: dict[str, Channel], vector: Vector) -> None:
        task = asyncio.create_task(self._catch_up(property_id, channels, vector))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a feed could not catch up", error=repr(error))

    async def _catch_up(self, property_id: str, channels: dict[str, Channel], vector: Vector) -> None:
        hub = self._live.hub
        ring = hub.ring(property_id)
        deadline = self._live.clock() + AHEAD_SECONDS * 1000
        try:
            while True:
                await self._sink.ready()
                names = self._allowed(channels)
                if not names:
                    return
                if ring.holds(vector):
                    steps, done = ring.since(vector, names, STEP_EVENTS)
                    vector, whole = self._give(property_id, vector, steps)
                    done = done and whole
                else:
                    reading = self._live.history.since(self.claims, property_id, vector, ring.floor, names)
                    steps, after = await reading
                    names = self._allowed(channels)
                    steps = [step for step in steps if step[0].channel in names]
                    vector, whole = self._give(property_id, vector, steps)
                    vector = after if whole else vector
                    continue
                now = hub.vector(property_id)
                if done and all(told >= had for told, had in zip(now, vector, strict=True)):
                    for name in names:
                        self._join(name, channels[name])
                        self._said_once(name, channels[name])
                    return
                if done:
                    if self._live.clock() > deadline:
                        raise Forgotten("the cursor is ahead of the log")
                    await asyncio.sleep(0.02)
        except Forgotten:
            self._reset(channels)
        except Exception:  # else this client would never hear of these channels again, nor know of it
            log.exception("a feed could not catch up")
            self._reset(channels)

    def _reset(self, channels: dict[str, Channel]) -> None:
        for name in self._allowed(channels):
            self._snapshot(name, channels[name], reset=True, more={})

    def _allowed(self, channels: dict[str, Channel]) -> frozenset[str]:
        """Of these channels those still wanted and, as of now, still allowed."""
        return frozenset(
            name
            for name, channel in channels.items()
            if self._wanted.get(name) is channel and may(self.claims, channel, self._live.model)
        )

    def _hears(self, event: Event) -> bool:
        """Of a room a guest hears only what began in their own time there, and no announcement after it.

        Fire alarms are for everybody who may still be in the house.
        """
        if self.claims.role != "guest":
            return True
        channel = self._wanted.get(event.channel)
        if channel is None or channel.kind not in ("room", "property"):
            return True
        hotel = self._live.model.hotel(channel.property_id)
        if channel.kind == "property":
            return event.type != "announcement" or not stays.over(self.claims, hotel)
        return hotel is None or event.began >= stays.since(hotel, channel.id)

    def _give(
        self, property_id: str, vector: Vector, steps: list[tuple[Event, Vector]]
    ) -> tuple[Vector, bool]:
        """Writes one piece of these in one go. (The vector after it, whether that is all of them.)"""
        piece, size, whole = list[Event](), 0, True
        for found, after in steps:
            # One event on several channels has one place: a piece never ends between them.
            if size >= PIECE_BYTES and after != vector:
                whole = False
                break
            vector = after
            if self._hears(found):
                piece.append(found.at(self._live.hub.cursors.encode(property_id, after)))
                size += len(found.tail)
        if piece:
            self.count += len(piece)
            self._sink.write(piece, _wire(piece))
        return vector, whole


def _wire(events: list[Event]) -> bytes:
    return b"".join(one.wire for one in events)
