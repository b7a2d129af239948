"""Whether numbers fit their columns: one that does not would stop the sink for good. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.sinks.place import Rows

_INTEGER = re.compile(r"(U?)Int(\d+)")


class Unfit(ValueError):
    """A record with a number that its table cannot hold; the text says which."""


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
    """The integer columns of each table. `types`: ClickHouse's, by (table, column)."""
    found: dict[str, list[Bound]] = {}
    for table, names in columns.items():
        found[table] = []
        for place, name in enumerate(names):
            if integer := _INTEGER.fullmatch(types[table, name]):
                bits = int(integer[2])
                least, most = (0, 2**bits - 1) if integer[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
                found[table].append(Bound(place, name, least, most))
    return found


def check(rows: Rows, known: Mapping[str, list[Bound]]) -> None:
    """Raises Unfit at the first number that does not fit."""
    for table, row in rows:
        for bound in known[table]:
            if not bound.least <= row[bound.place] <= bound.most:
                raise Unfit(
                    f"{bound.name} is {row[bound.place]}, and {table} holds {bound.least} to {bound.most}"
                )
