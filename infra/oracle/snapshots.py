"""The folders' live values against a plain fold of the log, up to the offsets each says it reflects. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from infra.oracle.answers import facts_of
from infra.oracle.folds import occupancy, performance, revenue, service_load
from infra.oracle.reading import Logged
from schemas import topics as t
from schemas.codec import Undecodable
from schemas.facts import counts, said
from schemas.record import Record
from schemas.records.base import AnswerHeader, FactHeader
from schemas.records.folds import FoldHeader
from schemas.records.settings import SettingsRecord

# A folder writes a hotel's value four times a second; one that stands this far behind its log stands still.
BEHIND_MS = 10_000
_HEAD = ("property_id", "kind", "id", "vector", "as_of")


class Plain(Protocol):
    """One folder's value of one hotel, counted once more."""

    def take(self, fact: FactHeader, body: Record) -> None:
        """One fact."""

    def values(self, as_of: int) -> dict[str, dict[str, Any]]:
        """What the folder must say as of `as_of` (ms): id -> field -> value."""


# Each folder's topic: the fact topics that it reads, and the plain fold. Occupancy reads settings, too.
OCCUPANCY = t.OCCUPANCY_STATE.name
FOLDERS: dict[str, tuple[tuple[str, ...], Callable[[], Plain]]] = {
    OCCUPANCY: ((t.ROOMS.name,), occupancy.Plain),
    t.REVENUE_STATE.name: ((t.ROOMS.name,), revenue.Plain),
    t.SERVICE_LOAD_STATE.name: ((t.SERVICES.name,), service_load.Plain),
    t.PERFORMANCE_STATE.name: ((t.SERVICES.name, t.STAFF.name), performance.Plain),
}


@dataclass(frozen=True, slots=True)
class Late:
    """A fact that lies behind what a value reflects: where, when (ms), and how it is folded."""

    topic: str
    offset: int
    at: int
    fold: Callable[[], None]


@dataclass(slots=True)
class Value:
    """One folder's value of one hotel: what lies on its topic by id, and the plain fold beside it.

    `newest`: the record that reflects most. `late`: what the value does not reflect, in the log's order.
    """

    plain: Plain
    said: dict[str, FoldHeader] = field(default_factory=dict)
    newest: FoldHeader | None = None
    late: list[Late] = field(default_factory=list)


class Snapshots:
    """First all of the folders' topics, then settings, then facts, each partition of a topic in order."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Value] = {}

    def state(self, logged: Logged) -> None:
        """A record of a folder's topic. Readers keep the one that reflects most, and so does this."""
        try:
            record = logged.record()
        except Undecodable:
            return
        assert isinstance(record, FoldHeader)
        value = self._value(logged.topic, record.property_id)
        known = value.said.get(record.id)
        if known is None or _reflects(record) >= _reflects(known):
            value.said[record.id] = record
        if value.newest is None or _reflects(record) >= _reflects(value.newest):
            value.newest = record

    def end(self, topic: str, partition: int, partitions: int) -> int:
        """Up to which offset of a topic partition some value reflects it."""
        reflected = [
            value.newest.vector.get(topic, 0)
            for (_, hotel), value in self._values.items()
            if value.newest is not None and t.partition_of(hotel, partitions) == partition
        ]
        return max(reflected, default=0)

    def settings(self, logged: Logged) -> None:
        """A record of `settings`."""
        try:
            record = logged.record()
        except Undecodable:
            return
        if isinstance(record, SettingsRecord) and record.property_id != "*":
            value = self._value(OCCUPANCY, record.property_id)
            assert isinstance(value.plain, occupancy.Plain)
            self._fold(value, logged, partial(value.plain.settings, record))

    def take(self, logged: Logged) -> None:
        """A record of a fact topic."""
        try:
            answer = logged.record()
        except Undecodable:
            return
        if not isinstance(answer, AnswerHeader) or not counts(answer, logged.offset):
            return
        bodies = [(fact, found[1]) for fact in facts_of(answer) if (found := said(fact))]
        for state, (reads, _) in FOLDERS.items():
            if bodies and logged.topic in reads:
                value = self._value(state, answer.property_id)
                for fact, body in bodies:
                    self._fold(value, logged, partial(value.plain.take, fact, body))

    def _value(self, state: str, property_id: str) -> Value:
        if (state, property_id) not in self._values:
            self._values[state, property_id] = Value(FOLDERS[state][1]())
        return self._values[state, property_id]

    @staticmethod
    def _fold(value: Value, logged: Logged, fold: Callable[[], None]) -> None:
        """At once what the value reflects; the rest when it is asked whether that would change anything."""
        newest = value.newest
        if newest is not None and logged.offset < newest.vector.get(logged.topic, 0):
            fold()
        else:
            value.late.append(Late(logged.topic, logged.offset, logged.at, fold))

    def count(self) -> int:
        """How many values were looked at."""
        return sum(len(value.said) for value in self._values.values())

    def differences(self, now: int) -> Iterator[str]:
        """Sentences; `now` in ms, as of when the topics were read."""
        for (state, hotel), value in self._values.items():
            where = f"{state} of {hotel}"
            as_of = value.newest.as_of if value.newest else now
            wanted = value.plain.values(as_of)
            if value.newest is not None:
                for own in sorted(wanted.keys() | value.said.keys()):
                    yield from _differences(f"{where}, {own}", wanted.get(own), value.said.get(own))
            if (first := _missed(value, wanted, as_of, now)) is not None:
                seconds = (now - first.at) / 1000
                yield f"{where} stands still: {first.topic} offset {first.offset} came {seconds:.0f} s ago"


def _missed(value: Value, wanted: dict[str, Any], as_of: int, now: int) -> Late | None:
    """The first fact that should be reflected by now; a folder need not write what changes nothing."""
    old = [late for late in value.late if now - late.at > BEHIND_MS]
    for late in old:
        late.fold()
    return old[0] if old and value.plain.values(as_of) != wanted else None


def _reflects(record: FoldHeader) -> int:
    return sum(record.vector.values())


def _differences(where: str, wanted: dict[str, Any] | None, held: FoldHeader | None) -> Iterator[str]:
    if wanted is None:
        yield f"{where}: no fact of the log says anything of it"
    elif held is None:
        yield f"{where}: it is missing"
    else:
        for name in held.__struct_fields__:
            if name not in _HEAD and not _same(wanted[name], getattr(held, name)):
                yield f"{where}: {name} is {getattr(held, name)}, the log says {wanted[name]}"


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):  # added in another order
        return abs(one - other) < 1e-6
    return bool(one == other) if not isinstance(one, Decimal) else one == Decimal(other)
