"""A table's columns by their types: what they hold, and one spelling for what the log and ClickHouse say."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec


class Shape:
    """One table. `types`: column -> type, as ClickHouse calls it, in their order."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = dict(types)
        self.place = {name: number for number, name in enumerate(types)}
        kinds = list(enumerate(types.values()))
        self._empty = [(number, made) for number, kind in kinds if (made := _nothing(kind)) is not None]
        self._held = [(number, *held) for number, kind in kinds if (held := _range(kind)) is not None]
        self._changes = [(number, made) for number, kind in kinds if (made := _change(kind)) is not None]

    def row(self, known: Mapping[str, Any]) -> list[Any] | None:
        """A value for every column; None where a column cannot hold its value."""
        values = [known.get(name) for name in self.types]
        for number, empty in self._empty:
            if values[number] is None:
                values[number] = empty
        for number, least, most in self._held:
            value = values[number]
            if value is not None and not least <= value <= most:
                return None
        return values

    def spelled(self, values: Iterable[Any]) -> bytes:
        """One spelling (MessagePack) of a row, whether the log or ClickHouse's client gave the values."""
        given = list(values)
        for number, change in self._changes:
            if given[number] is not None:
                given[number] = change(given[number])
        return msgspec.msgpack.encode(given)


def _nothing(kind: str) -> Any:
    """What a column of this type holds where the record has no such field."""
    if "Nullable(" in kind:
        return None
    if kind.startswith("Array("):
        return []
    if kind.startswith("Map("):
        return {}
    return "" if "String" in kind else 0


def _range(kind: str) -> tuple[int, int] | None:
    """The least and the greatest that a column of this type holds; None: no whole numbers, or any."""
    kind = kind.removeprefix("Nullable(").removeprefix("LowCardinality(").rstrip(")")
    if kind.startswith("DateTime64"):
        return _ms(1900), _ms(2300) - 1
    if kind.startswith("UInt"):
        return 0, 2 ** int(kind[4:]) - 1
    if kind.startswith("Int"):
        return -(2 ** (int(kind[3:]) - 1)), 2 ** (int(kind[3:]) - 1) - 1
    return None


def _ms(year: int) -> int:
    return round(datetime.datetime(year, 1, 1, tzinfo=datetime.UTC).timestamp()) * 1000


def _change(kind: str) -> Callable[[Any], Any] | None:
    """What makes values of this column's type alike on both sides; None: they are."""
    kind = kind.removeprefix("Nullable(")
    if kind.startswith("Decimal"):
        return lambda value: f"{Decimal(value).normalize() + 0:f}"  # + 0: no minus before a zero
    if kind.startswith(("Float", "Array(Float")):
        return lambda value: [one + 0.0 for one in value] if isinstance(value, Sequence) else value + 0.0
    if kind.startswith("Map("):
        return lambda value: sorted(value.items())
    if kind.startswith("Bool"):
        return bool
    return None
