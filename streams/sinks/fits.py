"""Whether numbers and times fit their columns. Pure.

A number that does not fit would stop the sink for good. A time beyond what ClickHouse promises to hold would
be taken, and then every client that reads the column fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.sinks.place import Rows

_INTEGER = re.compile(r"(U?)Int(\d+)")
_TIME = re.compile(r"(Nullable\()?DateTime64\(3, 'UTC'\)\)?")
# 1900-01-01 to the last millisecond of 2299, UTC, in ms: what DateTime64 is documented to hold.
TIMES = (-2_208_988_800_000, 10_413_791_999_999)


class Unfit(ValueError):
    """A record with a number or time that its table cannot hold; the text says which."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the column at this place of a row can hold, both ends included."""

    place: int
    name: str
    least: int
    most: int


def bounds(
    columns: Mapping[str, Iterable[str]], types: Mapping[tuple[str, str], str]
) -> dict[str, list[Bound]]:
    """The integer and time columns of each table. `types`: ClickHouse's, by (table, column)."""
    found: dict[str, list[Bound]] = {}
    for table, names in columns.items():
        found[table] = []
        for place, name in enumerate(names):
            if integer := _INTEGER.fullmatch(types[table, name]):
                bits = int(integer[2])
                least, most = (0, 2**bits - 1) if integer[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
                found[table].append(Bound(place, name, least, most))
            elif _TIME.fullmatch(types[table, name]):
                found[table].append(Bound(place, name, *TIMES))
    return found


def check(rows: Rows, known: Mapping[str, list[Bound]]) -> None:
    """Raises Unfit at the first number that does not fit."""
    for table, row in rows:
        for bound in known[table]:
            value = row[bound.place]
            if value is not None and not bound.least <= value <= bound.most:
                raise Unfit(f"{bound.name} is {value}, and {table} holds {bound.least} to {bound.most}")
