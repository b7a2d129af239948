"""Where a record lies on the log, and what a table's row is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# One value per column of the table, in the order of `rows.COLUMNS`.
Row = tuple[Any, ...]
# The place of `_offset` in every row.
OFFSET = 1
# Rows of one record, each with the table it is for.
Rows = list[tuple[str, Row]]


@dataclass(frozen=True, slots=True)
class Place:
    """Coordinates of a record; `logged_at` is Kafka's time stamp in ms."""

    topic: str
    partition: int
    offset: int
    logged_at: int
    key: bytes | None = None


class Newer(ValueError):
    """A fact this code does not know: newer than this sink, which must stop, not skip."""
