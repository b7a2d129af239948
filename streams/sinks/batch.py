"""What one turn writes: per topic partition and table, contiguous offsets, columns, a token. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.sinks.place import Place, Row, Rows

# A block of ClickHouse holds a million rows; an insert must stay one block to be atomic.
MAX_ROWS = 50_000

# Highest offset that a table already holds, by (table, topic, partition).
Marks = Mapping[tuple[str, str, int], int]


@dataclass(frozen=True, slots=True)
class Insert:
    """One insert: one table, one topic partition. `token` names its place and its content."""

    table: str
    token: str
    columns: list[tuple[Any, ...]]

    @property
    def rows(self) -> int:
        return len(self.columns[0])


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
        """Its inserts. An equal token of another content would be dropped silently, hence the hash."""
        for table, rows in self._tables.items():
            content = hashlib.sha256(repr(rows).encode()).hexdigest()[:32]
            place = f"{self.topic}-{self.partition}-{self.first_offset}-{self.next_offset}"
            yield Insert(table, f"{place}-{content}", list(zip(*rows, strict=True)))
