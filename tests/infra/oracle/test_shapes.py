"""Values by the types of their columns: held, empty, spelled."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from infra.oracle.shapes import Shape


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("Float64", 1, 1.0),
        ("Float64", 0.0, -0.0),
        ("Bool", True, 1),
        ("Decimal(18, 4)", Decimal("10.5000"), Decimal("10.5")),
        ("Decimal(18, 4)", Decimal("0.000"), 0),
        ("Map(String, Int64)", {"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ("Array(String)", ["x", "y"], ("x", "y")),
        ("Array(Float64)", [1], (1.0,)),
        ("Nullable(Float64)", None, None),
    ],
)
def test_what_is_the_same_is_spelled_the_same(kind: str, one: object, other: object) -> None:
    assert Shape({"c": kind}).spelled([one]) == Shape({"c": kind}).spelled([other])


def test_what_differs_is_spelled_differently() -> None:
    values = [1, "a", None, [], 0.1, datetime.date(2026, 1, 2)]
    assert len({Shape({"c": "Int64"}).spelled([value]) for value in values}) == len(values)


def test_a_column_that_nothing_is_said_of_is_empty() -> None:
    kinds = ["String", "Nullable(String)", "UInt8", "Array(String)", "Map(String, Int64)"]
    shape = Shape({f"c{number}": kind for number, kind in enumerate(kinds)})
    assert shape.row({}) == ["", None, 0, [], {}]
