"""Numbers at the edges of their columns."""

from __future__ import annotations

import datetime

import pytest

from streams.sinks import fits
from streams.sinks.fits import Bound, Unfit

KNOWN = fits.bounds(
    {"a": ("name", "adults", "money"), "b": ("floor",), "c": ("at", "ends_at")},
    {
        ("a", "name"): "LowCardinality(String)",
        ("a", "adults"): "UInt16",
        ("a", "money"): "Decimal(18, 4)",
        ("b", "floor"): "Int32",
        ("c", "at"): "DateTime64(3, 'UTC')",
        ("c", "ends_at"): "Nullable(DateTime64(3, 'UTC'))",
    },
)


def ms(year: int) -> int:
    """The first millisecond of a year."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) - epoch) // datetime.timedelta(milliseconds=1)


def test_columns_of_integers_and_times_have_bounds() -> None:
    assert {
        "a": [Bound(1, "adults", 0, 65_535)],
        "b": [Bound(0, "floor", -(2**31), 2**31 - 1)],
        "c": [Bound(0, "at", ms(1900), ms(2300) - 1), Bound(1, "ends_at", ms(1900), ms(2300) - 1)],
    } == KNOWN


def test_the_edges_fit() -> None:
    fits.check([("a", ("x", 0, 1)), ("a", ("x", 65_535, 1)), ("b", (-(2**31),)), ("b", (2**31 - 1,))], KNOWN)
    fits.check([("c", (ms(1900), None)), ("c", (ms(2300) - 1, 0))], KNOWN)


@pytest.mark.parametrize(
    "row",
    [
        ("a", ("x", -1, 1)),
        ("a", ("x", 65_536, 1)),
        ("b", (2**31,)),
        ("c", (1 << 50, None)),
        ("c", (0, ms(2300))),
        ("c", (ms(1900) - 1, None)),
    ],
)
def test_beyond_them_nothing_does(row: tuple[str, tuple[object, ...]]) -> None:
    with pytest.raises(Unfit, match="holds"):
        fits.check([row], KNOWN)
