"""What one turn writes: per topic partition and table, contiguous offsets, columns, a token. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from streams.sinks.place import OFFSET, Place, Row, Rows

# A block of ClickHouse holds a million rows; an insert must stay one block to be atomic.
MAX_ROWS = 50_000

# Highest offset that a table already holds, by (table, topic, partition).
Marks = Mapping[tuple[str, str, int], int]


@dataclass(frozen=True, slots=True)
class Insert:
    """One insert: one table, one topic partition, rows by offset. `token` names its place and its content."""

    table: str
    topic: str
    partition: int
    lines: list[Row]

    @property
    def rows(self) -> int:
        return len(self.lines)

    @property
    def columns(self) -> list[tuple[Any, ...]]:
        return list(zip(*self.lines, strict=True))

    @property
    def offsets(self) -> tuple[int, int]:
        """The first and the last offset of its rows."""
        return self.lines[0][OFFSET], self.lines[-1][OFFSET]

    @property
    def token(self) -> str:
        """An equal token of another content would be dropped silently, hence the hash.

        By MessagePack 0.5 us a row of the sink's 26; their `repr` took 2.1.
        """
        content = hashlib.sha256(msgspec.msgpack.encode(self.lines)).hexdigest()[:32]
        first, last = self.offsets
        return f"{self.topic}-{self.partition}-{first}-{last}-{content}"

    def halves(self) -> list[Insert]:
        """The same rows in two inserts, the lower offsets first. It has rows of two offsets at least."""
        middle = sum(self.offsets) // 2
        parts = (
            [one for one in self.lines if one[OFFSET] <= middle],
            [one for one in self.lines if one[OFFSET] > middle],
        )
        return [replace(self, lines=lines) for lines in parts]

    def without(self, offset: int) -> Insert | None:
        """The same but for the rows of one record; None: nothing is left."""
        lines = [one for one in self.lines if one[OFFSET] != offset]
        return replace(self, lines=lines) if lines else None


@dataclass(slots=True)
class Batch:
    """Records of one topic partition, in order. `next_offset`: first offset after them."""

    topic: str
    partition: int
    first_offset: int = -1
    next_offset: int = -1
    logged_at: int = 0
    records: int = 0
    rows: int = 0
    _tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def full(self) -> bool:
        return self.rows >= MAX_ROWS

    def add(self, place: Place, rows: Rows, marks: Marks) -> None:
        """Take a record's rows, but for those that its table holds already."""
        if self.first_offset < 0:
            self.first_offset = place.offset
        self.next_offset = place.offset + 1
        self.logged_at = place.logged_at
        self.records += 1
        for table, row in rows:
            if place.offset > marks.get((table, self.topic, self.partition), -1):
                self._tables[table].append(row)
                self.rows += 1

    def inserts(self) -> Iterator[Insert]:
        """Its inserts, one a table."""
        for table, rows in self._tables.items():
            yield Insert(table, self.topic, self.partition, rows)


def split(inserts: list[Insert], refused: Insert) -> list[Insert]:
    """What is left to write when `refused` was: its halves, and what comes after it."""
    return [*refused.halves(), *inserts[inserts.index(refused) + 1 :]]


def without(inserts: list[Insert], refused: Insert) -> list[Insert]:
    """What is left to write when `refused`, of one record, can't be: of that record nothing more."""
    place = (refused.topic, refused.partition)
    after = inserts[inserts.index(refused) + 1 :]
    found = (one.without(refused.offsets[0]) if (one.topic, one.partition) == place else one for one in after)
    return [one for one in found if one is not None]
