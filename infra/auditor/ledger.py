"""What one canary must hear on one channel, and what it heard. Pure, bounded; times are ms since 1970.

| verdict | when |
| --- | --- |
| heard | it was on the log, and came |
| lost | it never came, though the gateway said afterwards that all up to there was told |
| late | it was taken for lost, and came |
| doubled | it came again |
| reordered | it came before or after one of the same topic that lies on the other side of it |
| foreign | it came, and is not on the log |
| reset | the channel began anew with a snapshot, though the canary had said where it was |
| unjudged | too much waited at once to be remembered, or a reset lies between |

A delay is no loss: what is late makes the canary `behind`, until the gateway says that it has told it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["heard", "lost", "late", "doubled", "reordered", "foreign", "reset", "unjudged"]

# On the log for so long, while the canary was connected, it should have come.
GRACE_MS = 60_000
# What the gateway has told is in the canary's hands after this; and what it told the log's reader has read.
SETTLE_MS = 10_000
MOST_WAITING = 10_000
# What comes again comes within moments: about 0.3 KB each.
MOST_DONE = 1_000

Key = tuple[str, str]
"""An event's type and id: once on a channel."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event that a channel must say: where its record lies, and since when (broker's time).

    `must` False: only where the gateway knows more than the auditor does.
    """

    type: str
    id: str
    topic: str
    offset: int
    place: int
    stamp: int
    must: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict on one event. `ms`: from the broker to the canary, of what was heard."""

    verdict: Verdict
    type: str
    id: str
    ms: int = 0


@dataclass(slots=True)
class _Waiting:
    said: Said
    seen: int
    told: int | None = None  # since when the gateway is known to have told it


@dataclass(frozen=True, slots=True)
class _Early:
    number: int
    at: int
    topic: str
    offset: int


class Ledger:
    """One canary's on one channel. `floor`: by topic, where the log's reader began with this hotel."""

    def __init__(self, floor: Mapping[str, int]) -> None:
        self._floor = floor
        self._start: dict[str, int] | None = None
        self._waiting: OrderedDict[Key, _Waiting] = OrderedDict()
        self._early: OrderedDict[Key, _Early] = OrderedDict()
        self._done: OrderedDict[Key, None] = OrderedDict()
        self._lost: OrderedDict[Key, None] = OrderedDict()
        self._count = 0
        # By topic how far down the log it was heard, and the number of what was heard last.
        self._last: dict[str, tuple[tuple[int, int], int]] = {}
        self._current_since: int | None = None

    def joined(self, vector: Mapping[str, int]) -> list[Found]:
        """The channel is heard from a snapshot on; by topic, the first offset that is not in it."""
        known = self._start is not None
        self._start = {topic: max(offset, self._floor.get(topic, 0)) for topic, offset in vector.items()}
        gone = self._forgotten()
        return [Found("reset", "", ""), *gone] if known else []

    def said(self, one: Said, now: int) -> list[Found]:
        """The log says it."""
        key = (one.type, one.id)
        if not self._ours(one.topic, one.offset):
            return []
        if (early := self._early.pop(key, None)) is not None:
            return self._settled(one, early.number, early.at)
        if key not in self._done:
            self._waiting.setdefault(key, _Waiting(one, now))
        return self._bounded()

    def heard(self, event_type: str, own: str, topic: str, offset: int, now: int) -> list[Found]:
        """The channel says it."""
        if self._start is None or not self._ours(topic, offset):
            return []
        key = (event_type, own)
        self._count += 1
        if (waiting := self._waiting.pop(key, None)) is not None:
            return self._settled(waiting.said, self._count, now)
        if key in self._lost:
            del self._lost[key]
            _keep(self._done, key)
            return [Found("late", *key)]
        if key in self._done or key in self._early:
            return [Found("doubled", *key)]
        self._early[key] = _Early(self._count, now, topic, offset)
        return self._bounded()

    def current(self, is_current: bool, now: int) -> None:
        """Whether the canary is connected and hears what its gateway tells."""
        if not is_current:
            self._current_since = None
        elif self._current_since is None:
            self._current_since = now

    def slept(self) -> None:
        """The auditor itself was away: nothing that waits is overdue for that."""
        self._current_since = None

    def told(self, vector: Mapping[str, int], now: int) -> None:
        """The gateway says that it has told all below these offsets."""
        since = self._current_since
        for one in self._overdue(now):
            if one.said.offset < vector.get(one.said.topic, 0) and (
                one.told is None or since is None or one.told < since
            ):
                one.told = now

    def behind(self, now: int) -> bool:
        """Whether something should have come long ago."""
        return any(one.said.must for one in self._overdue(now))

    def look(self, now: int, read_until: int) -> list[Found]:
        """What is lost and what is foreign by now. `read_until`: the log is read to its end as of then."""
        found = []
        for key, early in list(self._early.items()):
            if early.at + SETTLE_MS >= read_until:
                break
            del self._early[key]
            found.append(Found("foreign", *key))
        for one in list(self._overdue(now)):
            key, since = (one.said.type, one.said.id), self._current_since
            if not one.said.must:
                del self._waiting[key]
            elif one.told is not None and since is not None and since <= one.told <= now - SETTLE_MS:
                del self._waiting[key]
                _keep(self._lost, key)
                found.append(Found("lost", *key))
        return found

    def _bounded(self) -> list[Found]:
        """Too much waits: the topic is judged only behind what has waited longest."""
        if len(self._waiting) > MOST_WAITING:
            oldest: Said | _Early = next(iter(self._waiting.values())).said
        elif len(self._early) > MOST_WAITING:
            oldest = next(iter(self._early.values()))
        else:
            return []
        self._floor = {**self._floor, oldest.topic: oldest.offset + 1}
        if self._start is not None:
            self._start[oldest.topic] = oldest.offset + 1
        return self._forgotten()

    def _forgotten(self) -> list[Found]:
        """Lets go of what lies before the start."""
        gone = [key for key, one in self._waiting.items() if not self._ours(one.said.topic, one.said.offset)]
        for key in gone:
            del self._waiting[key]
        early = [key for key, one in self._early.items() if not self._ours(one.topic, one.offset)]
        for key in early:
            del self._early[key]
        return [Found("unjudged", *key) for key in gone + early]

    def _ours(self, topic: str, offset: int) -> bool:
        return offset >= (self._floor if self._start is None else self._start).get(topic, 0)

    def _overdue(self, now: int) -> Iterator[_Waiting]:
        since = self._current_since
        if since is None or now - since < GRACE_MS:
            return
        for one in self._waiting.values():
            if now - one.seen < GRACE_MS:
                return
            yield one

    def _settled(self, one: Said, number: int, at: int) -> list[Found]:
        key, place = (one.type, one.id), (one.offset, one.place)
        _keep(self._done, key)
        found = [Found("heard", *key, ms=max(0, at - one.stamp))]
        last, newest = self._last.get(one.topic, ((-1, -1), 0))
        if place < last or number < newest:
            found.append(Found("reordered", *key))
        self._last[one.topic] = max(place, last), max(number, newest)
        return found


def _keep(held: OrderedDict[Key, None], key: Key) -> None:
    held[key] = None
    if len(held) > MOST_DONE:
        held.popitem(last=False)
