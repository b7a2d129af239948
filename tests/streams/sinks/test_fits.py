"""Numbers at the edges of their columns."""

from __future__ import annotations

import pytest

from streams.sinks import fits
from streams.sinks.fits import Bound, Unfit

KNOWN = fits.bounds(
    {"a": ("name", "adults", "money"), "b": ("floor",)},
    {
        ("a", "name"): "LowCardinality(String)",
        ("a", "adults"): "UInt16",
        ("a", "money"): "Decimal(18, 4)",
        ("b", "floor"): "Int32",
    },
)


def test_integer_columns_have_bounds() -> None:
    assert {"a": [Bound(1, "adults", 0, 65_535)], "b": [Bound(0, "floor", -(2**31), 2**31 - 1)]} == KNOWN


def test_the_edges_fit() -> None:
    fits.check([("a", ("x", 0, 1)), ("a", ("x", 65_535, 1)), ("b", (-(2**31),)), ("b", (2**31 - 1,))], KNOWN)


@pytest.mark.parametrize("row", [("a", ("x", -1, 1)), ("a", ("x", 65_536, 1)), ("b", (2**31,))])
def test_beyond_them_nothing_does(row: tuple[str, tuple[object, ...]]) -> None:
    with pytest.raises(Unfit, match="holds"):
        fits.check([row], KNOWN)
