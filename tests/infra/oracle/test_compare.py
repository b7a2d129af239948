"""Rows as multisets: spelled alike, counted, told apart."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal

import pytest

from infra.oracle.compare import differences, plain

NOON = datetime.datetime(2026, 1, 2, 12, 0, 0, 5000, datetime.UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (True, 1),
        (Decimal("10.5000"), Decimal("10.5")),
        (Decimal("0.000"), -0.0),
        (1_767_355_200_005, NOON),
        (NOON.replace(tzinfo=None), NOON),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
        (["x", 1], ("x", True)),
        (b"\x00\xff", "00FF"),
    ],
)
def test_what_is_the_same_is_spelled_the_same(one: object, other: object) -> None:
    assert plain(one) == plain(other)


def test_what_differs_is_spelled_differently() -> None:
    values = [1, "a", None, [], 0.1, datetime.date(2026, 1, 2)]
    assert len({repr(plain(value)) for value in values}) == len(values)


def test_a_missing_and_a_doubled_row_are_said_with_their_content() -> None:
    texts = {"1": "row one", "2": "row two"}
    assert not differences("t", Counter("12"), Counter("21"), texts)
    assert differences("t", Counter("12"), Counter("1"), texts) == ["t lacks (1 in all): row two"]
    assert differences("t", Counter("12"), Counter("122"), texts) == ["t has too much (1 in all): row two"]
