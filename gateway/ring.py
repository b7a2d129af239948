"""The newest events of one hotel in memory, encoded once, each with its place in the log."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from itertools import islice

from gateway.cursor import Place, Vector, moved

# About 1 KB an event: a busy hotel's last hour in 4 MB.
RING_EVENTS = 4096


@dataclass(slots=True)
class Event:
    """One event on one channel: its frame is what is before the cursor, the cursor, what is after.

    `topic` is the index among the live topics, -1 for signals, which have no place. `stamp`: broker time, ms.
    `began`: since when there is what it is about, ms.
    """

    type: str
    channel: str
    topic: int
    place: Place
    cursor: str
    head: bytes
    tail: bytes
    stamp: int
    began: int
    _wire: bytes = b""
    _told: bytes = b""
    _placed: bytes = b""

    @property
    def json(self) -> bytes:
        """The frame."""
        return self.head + self.cursor.encode() + self.tail

    @property
    def wire(self) -> bytes:
        """The frame as it is written to sockets: made for the first of them, the same bytes for all."""
        if not self._wire:
            self._wire = framed(self.json)
        return self._wire

    def emitted(self, placed: bool) -> bytes:
        """The frame as a Socket.IO event of its type. `placed`: its cursor is the last argument."""
        place = f',"{self.cursor}"]' if placed and self.cursor else "]"
        return b'2["' + self.type.encode() + b'",' + self.json + place.encode()

    def emitted_wire(self, placed: bool) -> bytes:
        """That as it is written to sockets, made once as `wire` is."""
        if placed:
            self._placed = self._placed or framed(b"4" + self.emitted(True))
            return self._placed
        self._told = self._told or framed(b"4" + self.emitted(False))
        return self._told

    def at(self, cursor: str) -> Event:
        """The same event for one who was told other things before it: only the cursor differs."""
        if cursor == self.cursor:
            return self
        return replace(self, cursor=cursor, _wire=b"", _told=b"", _placed=b"")


def framed(payload: bytes) -> bytes:
    """A whole WebSocket text message of a server (RFC 6455: final, unmasked)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Ring:
    """Events in the order this gateway saw them; complete from `floor` on."""

    def __init__(self, floor: Vector) -> None:
        self.floor = floor
        self._events: deque[Event] = deque()
        self._topics: Counter[int] = Counter()

    def append(self, event: Event) -> None:
        """Keeps an event, forgetting the oldest."""
        self._events.append(event)
        self._topics[event.topic] += 1
        if len(self._events) > RING_EVENTS:
            old = self._events.popleft()
            self._topics[old.topic] -= 1
            self.floor = moved(self.floor, old.topic, (old.place[0], old.place[1] + 1))

    def holds(self, vector: Vector) -> bool:
        """Whether everything after this vector is still here."""
        return all(wanted >= least for wanted, least in zip(vector, self.floor, strict=True))

    def since(
        self, vector: Vector, channels: frozenset[str], limit: int
    ) -> tuple[list[tuple[Event, Vector]], bool]:
        """(events of these channels after the vector, each with the vector after it; whether that is all)."""
        found: list[tuple[Event, Vector]] = []
        passed = vector
        for kept in islice(self._events, self._known(vector), None):
            if kept.place < vector[kept.topic]:
                continue
            if kept.channel in channels:
                # One event on several channels has one place: a stop never parts them.
                last = found[-1][0] if found else kept
                if len(found) >= limit and (kept.topic, kept.place) != (last.topic, last.place):
                    return found, False
            passed = moved(passed, kept.topic, (kept.place[0], kept.place[1] + 1))
            if kept.channel in channels:
                found.append((kept, passed))
        return found, True

    def _known(self, vector: Vector) -> int:
        """Of the oldest events so many lie before the vector: most who come back missed little of 4,096.

        Of one topic events are in order, so behind one that is known of each there is nothing new.
        """
        left = {topic for topic, count in self._topics.items() if count}
        for newer, kept in enumerate(reversed(self._events)):
            if not left:
                return len(self._events) - newer
            if kept.place < vector[kept.topic]:
                left.discard(kept.topic)
        return 0
