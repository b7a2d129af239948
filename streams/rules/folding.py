"""What all folders share: one partition's hotels, the vector they reflect, and what is to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas.facts import counts, said
from schemas.record import Record
from schemas.records.base import AnswerHeader, FactHeader
from schemas.records.folds import FoldHeader
from schemas.records.settings import SettingsRecord
from schemas.topics import Topic


class Fold(Protocol):
    """The value of one hotel."""

    def apply(self, topic: str, fact: FactHeader, body: Record) -> None:
        """Fold one fact."""

    def snapshot(self, vector: dict[str, int], as_of: int) -> Sequence[FoldHeader]:
        """What changed since the last snapshot, as absolute values."""

    def remember(self) -> Iterator[tuple[str, bytes]]:
        """All of it, as (part, chunk) in their order; nothing may be folded between two of them."""

    def recall(self, part: str, chunk: bytes) -> None:
        """Take one of these back, into a new fold; what it says counts as changed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A folder: its name, what it reads, where it writes, how it folds a hotel, how it takes settings."""

    name: str
    reads: tuple[Topic, ...]
    state: Topic
    fold: Callable[[str], Fold]
    settings: Callable[[Fold, SettingsRecord], None] | None = None


class NewerThanReader(RuntimeError):
    """A fact of a kind this program does not know. A folder of truth stops here; it does not skip."""


@dataclass(slots=True)
class Folded:
    """One folder over one partition. `vector`: the first offset not yet folded, by topic name.

    `since`: records and facts taken since it was last remembered.
    """

    kind: Kind
    vector: dict[str, int]
    hotels: dict[str, Fold] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    as_of: int = 0
    since: int = 0

    def take(self, topic: str, offset: int, at: int, record: Record) -> None:
        """Fold the record at `offset`; `at`: broker time (ms). NewerThanReader: nothing was folded."""
        if isinstance(record, SettingsRecord):
            if self.kind.settings is not None and record.property_id != "*":
                self.kind.settings(self._hotel(record.property_id), record)
        elif isinstance(record, AnswerHeader) and counts(record, offset):
            facts: list[FactHeader] = record.facts  # type: ignore[attr-defined]  # every answer has its list
            told = []
            for fact in facts:
                if (found := said(fact)) is None:
                    raise NewerThanReader(f"{topic} offset {offset} holds a fact newer than this program")
                told.append((fact, found[1]))
            if told:
                fold = self._hotel(record.property_id)
                for fact, body in told:
                    fold.apply(topic, fact, body)
            self.since += len(told)
        self.skip(topic, offset, at)

    def skip(self, topic: str, offset: int, at: int) -> None:
        """The record at `offset` is done with."""
        self.vector[topic] = offset + 1
        self.as_of = max(self.as_of, at)
        self.since += 1

    def remember(self) -> Iterator[tuple[str, str, bytes]]:
        """All hotels, as (property_id, part, chunk); nothing may be folded between two of them."""
        for property_id, fold in self.hotels.items():
            for part, chunk in fold.remember():
                yield property_id, part, chunk

    def recall(self, property_id: str, part: str, chunk: bytes) -> None:
        """Take one of these back. Its hotel counts as changed. Any Exception: it can't be read."""
        self._hotel(property_id).recall(part, chunk)

    def _hotel(self, property_id: str) -> Fold:
        self.changed.add(property_id)
        if property_id not in self.hotels:
            self.hotels[property_id] = self.kind.fold(property_id)
        return self.hotels[property_id]

    def snapshot(self, property_id: str) -> Sequence[FoldHeader]:
        """The hotel's records to write now; it counts as written."""
        self.changed.discard(property_id)
        return self.hotels[property_id].snapshot(dict(self.vector), self.as_of)
