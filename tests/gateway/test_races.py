"""A snapshot, what is said meanwhile, slow and returning listeners, in every order that tasks may take.

What a listener has in the end, its last snapshot and each event laid over it, is what a fresh one is given.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import events, feed, ring, snapshot
from gateway.blocks import Forgotten
from gateway.channels import demand
from gateway.claims import Claims
from gateway.cursor import INDEX, START, Cursors, Vector, moved
from gateway.feed import Feed
from gateway.hub import Hub, made_events
from gateway.listening import Listening
from gateway.presence import Presence
from gateway.readmodel.model import ReadModel
from gateway.ring import Event
from gateway.state import State
from infra.bench import loads
from infra.runtime.settings import Settings
from schemas.records.rooms import RoomsAnswer
from tests.scheduling import run

HOUSE, CHANNEL = "h", "staff:h"
ROOMS = INDEX["rooms"]


class Log:
    """The hotel's records, applied and told one by one; `kept`: from where on the log still has them."""

    def __init__(self) -> None:
        self.records: list[RoomsAnswer] = []
        self.kept = 0
        self.model, self.presence = ReadModel(), Presence("g")
        self.hub = Hub(Cursors("secret" * 8), 1)
        self.hub.begin(0, START)
        self.live = cast(
            "State",
            SimpleNamespace(
                hub=self.hub,
                model=self.model,
                presence=self.presence,
                history=self,
                clock=lambda: 1_000,
                tail=SimpleNamespace(stale_since=None),
                settings=Settings(),
                listening=Listening(2_000, 200_000),
            ),
        )

    def say(self, count: int) -> None:
        """So many more records in one turn of the tail."""
        for _ in range(count):
            offset = len(self.records)
            *_, answer, _ = loads.status_answer(HOUSE, offset, 0, offset)
            self.records.append(answer)
            told = events.of_answer(self.model.of(HOUSE), answer, offset)
            self.hub.tell(HOUSE, ROOMS, offset, 1, told)
            self.hub.passed(0, ROOMS, offset)
        self.hub.flush()

    async def since(
        self, claims: Claims, property_id: str, vector: Vector, upto: Vector, channels: frozenset[str]
    ) -> tuple[list[tuple[Event, Vector]], Vector]:
        """As History does, a record at a time."""
        await asyncio.sleep(0)
        offset = vector[ROOMS][0]
        if offset < self.kept:
            raise Forgotten("rooms")
        told = events.of_answer(self.model.of(HOUSE), self.records[offset], offset, apply=False)
        found = [
            (one, moved(vector, ROOMS, (offset, one.place[1] + 1)))
            for one in made_events(ROOMS, offset, 1, told)
            if vector[ROOMS] <= one.place < upto[ROOMS] and one.channel in channels
        ]
        return found, moved(vector, ROOMS, min((offset + 1, 0), upto[ROOMS]))


class Listener:
    """A client's state by its frames: rooms by id, each with its version; and every event's id, in order."""

    def __init__(self, log: Log) -> None:
        self.rooms: dict[str, tuple[int, Any]] = {}
        self.heard: list[str] = []
        self.cursor: str | None = None
        self._log, self._room, self._left = log, asyncio.Event(), False
        self._room.set()
        self.feed = self._new()

    def _new(self) -> Feed:
        claims = Claims("a", "staff", HOUSE, "A", None, None, (), 0, 1 << 50, "t")
        return Feed(self._log.live, claims, self)

    def write(self, told: list[Event], wire: bytes) -> bool:
        for one in told:
            self._take(msgspec.json.decode(one.json))
        return self._room.is_set()

    def control(self, frame: dict[str, Any]) -> None:
        self._take(frame)

    async def ready(self) -> None:
        await self._room.wait()
        await asyncio.sleep(0)

    async def come_back(self) -> None:
        """Gone, and here again with what it has."""
        await self.feed.close()
        self.feed = self._new()
        self.feed.subscribe(CHANNEL, self.cursor)

    def reads(self, on: bool) -> None:
        """Whether there is room."""
        (self._room.set if on else self._room.clear)()

    def _take(self, frame: dict[str, Any]) -> None:
        self.cursor = frame["cur"]
        if (whole := frame.get("snapshot")) is not None:
            self.heard.clear()
            self.rooms = {one["room_id"]: (one["version"], one) for one in whole["rooms"]}
        elif frame["t"] == "ev":
            self.heard.append(frame["id"])
            room, version = frame["d"]["room"], frame["d"]["version"]
            if version >= self.rooms.get(room["room_id"], (-1, None))[0]:
                self.rooms[room["room_id"]] = (version, room | {"version": version})


ACTS = ("say", "say", "say", "stall", "read", "back", "leave", "again", "forget")


@settings(max_examples=150, deadline=None)
@given(
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 4)), max_size=25),
    choices=st.lists(st.integers(0, 5), max_size=200),
    newest=st.sampled_from([2, 8, 4096]),
)
def test_whoever_goes_on_first_everybody_has_what_is_true(
    acts: list[tuple[str, int]], choices: list[int], newest: int
) -> None:
    left = list(choices)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(ring, "RING_EVENTS", newest)
        small.setattr(feed, "STEP_EVENTS", 2)
        run(_all(acts), lambda count: left.pop() % count if left else 0)


async def _all(acts: list[tuple[str, int]]) -> None:
    log = Log()
    log.say(3)
    listeners = [Listener(log) for _ in range(2)]
    for one in listeners:
        one.feed.subscribe(CHANNEL, None)
    for n, (act, count) in enumerate(acts):
        one = listeners[n % len(listeners)]
        match act:
            case "say":
                log.say(count)
            case "stall" | "read":
                one.reads(act == "read")
            case "back":
                await one.come_back()
            case "leave":
                one.feed.unsubscribe(CHANNEL)
                one.feed.subscribe(CHANNEL, one.cursor)
            case "again":
                one.feed.subscribe(CHANNEL, one.cursor)
            case "forget":
                log.kept = max(log.kept, len(log.records) - count)
        for _ in range(count):
            await asyncio.sleep(0)
    for one in listeners:
        one.reads(True)
    while not all(one.feed.current for one in listeners):
        await asyncio.sleep(0.01)
    log.say(1)
    await asyncio.sleep(1.0)
    ids = [fact.fact_id for record in log.records for fact in record.facts]
    for one in listeners:
        channel = demand(one.feed.claims, CHANNEL, log.model)
        fresh = snapshot.of(channel, one.feed.claims, log.model, log.presence, 1_000)
        assert {name: room for name, (_, room) in one.rooms.items()} == {
            room["room_id"]: room for room in fresh["rooms"]
        }
        assert one.heard == ids[len(ids) - len(one.heard) :], "once, in order, without a gap"
        await one.feed.close()
