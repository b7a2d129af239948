"""Who is told: channels to feeds. An event is encoded once, and the same bytes go to every subscriber.

While a tick's records are told, an event costs the same however many subscribe: it is kept with its channel.
At the end of the tick all that a subscriber hears goes out in one write, and those who hear the same channels
get the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Protocol

import msgspec

from gateway.cursor import LIVE_TOPICS, START, Cursors, Vector, moved
from gateway.events import Said
from gateway.ring import Event, Ring
from infra.runtime import metrics
from schemas.topics import partition_of

_encode = msgspec.json.Encoder().encode
SIGNAL = -1


Key = tuple[str, str]


# Takes whole frames.
Write = Callable[[bytes], None]


class Subscriber(Protocol):
    """One who is told what a tick brought: the events in the log's order, and their frames as one piece.

    `straight`: its line, while all that is said on its channels may go there unlooked at; None: it is `told`.
    `count`: events given to it. `fall_behind`: its line took this tick and has no room for more.
    """

    straight: Write | None
    count: int

    def told(self, events: list[Event], wire: bytes) -> None: ...

    def fall_behind(self) -> None: ...


class Hub:
    """Rings by hotel, subscribers by channel. Everything happens in one tick, nothing here waits."""

    def __init__(self, cursors: Cursors, partitions: int) -> None:
        self.cursors = cursors
        self.draining = False
        self._partitions = partitions
        self._starts: list[Vector] = [START] * partitions
        self._vectors: list[Vector] = [START] * partitions
        self._rings: dict[str, Ring] = {}
        self._places: dict[str, tuple[Vector, str]] = {}
        self._channels: dict[Key, set[Subscriber]] = {}
        # What this tick brought each channel that somebody hears, numbered over all of them.
        self._told: dict[Key, list[tuple[int, Event]]] = {}
        self._stamps: list[int] = []

    def begin(self, partition: int, vector: Vector) -> None:
        """From this vector on the gateway tells what the partition's topics say."""
        self._starts[partition] = self._vectors[partition] = vector

    def vector(self, property_id: str) -> Vector:
        """How far this hotel's subscribers have been told."""
        return self._vectors[partition_of(property_id, self._partitions)]

    def cursor(self, property_id: str) -> str:
        """That place as clients keep it; at rest made once for all that beat."""
        vector, known = self.vector(property_id), self._places.get(property_id)
        if known is None or known[0] is not vector:
            known = self._places[property_id] = vector, self.cursors.encode(property_id, vector)
        return known[1]

    def ring(self, property_id: str) -> Ring:
        """The hotel's newest events, complete since the tail began."""
        found = self._rings.get(property_id)
        if found is None:
            start = self._starts[partition_of(property_id, self._partitions)]
            found = self._rings[property_id] = Ring(start)
        return found

    def join(self, property_id: str, channel: str, subscriber: Subscriber) -> None:
        """From the next event on."""
        self.flush()
        self._channels.setdefault((property_id, channel), set()).add(subscriber)

    def leave(self, property_id: str, channel: str, subscriber: Subscriber) -> None:
        """No more of this channel than was told so far."""
        self.flush()
        found = self._channels.get((property_id, channel))
        if found is not None:
            found.discard(subscriber)
            if not found:
                del self._channels[property_id, channel]

    def tell(self, property_id: str, topic: int, offset: int, stamp: int, told: list[Said]) -> int:
        """Tells what the record at this place became; to how many. `stamp`: its broker time in ms."""
        ring, heard, vector = self.ring(property_id), 0, self.vector(property_id)
        place, cursor = (-1, 0), ""
        for made in made_events(topic, offset, stamp, told):
            ring.append(made)
            subscribers = self._channels.get((property_id, made.channel))
            if subscribers is None:
                continue  # who comes for it later gets it with a cursor of their own
            if made.place != place:
                place = made.place
                cursor = self.cursors.encode(property_id, moved(vector, topic, (offset, place[1] + 1)))
            made.cursor = cursor
            heard += self._push(property_id, made, len(subscribers))
        return heard

    def passed(self, partition: int, topic: int, offset: int) -> None:
        """The record at this place has been told in full."""
        self._vectors[partition] = moved(self._vectors[partition], topic, (offset + 1, 0))

    def signal(self, property_id: str, said: Said) -> None:
        """Tells what is true for a moment: no cursor, never replayed."""
        tail = b',"d":' + _encode(said.d) + b"}"
        for channel in said.channels:
            subscribers = self._channels.get((property_id, channel))
            if subscribers is not None:
                head = head_of(said, channel)
                made = Event(said.type, channel, SIGNAL, (0, 0), "", head, tail, said.at, said.at)
                self._push(property_id, made, len(subscribers))

    def _push(self, property_id: str, made: Event, count: int) -> int:
        self._told.setdefault((property_id, made.channel), []).append((len(self._stamps), made))
        self._stamps.append(made.stamp)
        _delivered(made.type).inc(count)
        return count

    def flush(self) -> None:
        """Writes what this tick brought, to each connection at once. Never within a record's events."""
        if not self._told:
            return
        told, self._told = self._told, {}
        hears: dict[Subscriber, tuple[Key, ...]] = {}
        for key in told:
            alone, subscribers = (key,), self._channels.get(key, ())
            if not hears:
                hears = dict.fromkeys(subscribers, alone)
                continue
            for subscriber in subscribers:
                before = hears.get(subscriber)
                hears[subscriber] = alone if before is None else (*before, key)
        pieces: dict[tuple[Key, ...], tuple[list[Event], bytes]] = {}
        last: tuple[Key, ...] = ()
        full: list[Subscriber] = []
        for subscriber, keys in hears.items():
            if keys is not last:  # most hear the same as the one before them
                last = keys
                piece = pieces.get(keys)
                if piece is None:
                    numbered = sorted(chain.from_iterable(told[key] for key in keys), key=itemgetter(0))
                    events = [made for _, made in numbered]
                    piece = pieces[keys] = events, b"".join(one.wire for one in events)
                events, wire = piece
                count = len(events)
            write = subscriber.straight
            if write is None:
                subscriber.told(events, wire)
                continue
            subscriber.count += count
            write(wire)
            if subscriber.straight is None:
                full.append(subscriber)
        for subscriber in full:
            subscriber.fall_behind()
        stamps, self._stamps = self._stamps, []
        now = time.time()
        for stamp in stamps:
            metrics.EVENT_TO_CLIENT_SECONDS.observe(max(0.0, now - stamp / 1000))


def head_of(said: Said, channel: str) -> bytes:
    """The frame up to its cursor."""
    return b'{"t":"ev","type":"%b","ch":%b,"id":%b,"at":%d' % (
        said.type.encode(), _encode(channel), _encode(said.id), said.at
    )  # fmt: skip


# By type: found by its label each time, a counter costs more than to count.
_delivered = cache(metrics.EVENTS_DELIVERED.labels)


def made_events(topic: int, offset: int, stamp: int, told: list[Said]) -> list[Event]:
    """What one record became, as events with bytes; no cursors: they differ with what was told before."""
    assert 0 <= topic < len(LIVE_TOPICS)
    found = []
    for said in told:
        place, began = (offset, said.place), stamp if said.began is None else said.began
        tail = b'","d":' + _encode(said.d) + b"}"
        for channel in said.channels:
            head = head_of(said, channel) + b',"cur":"'
            found.append(Event(said.type, channel, topic, place, "", head, tail, stamp, began))
    return found
