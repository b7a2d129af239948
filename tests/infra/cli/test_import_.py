"""`concierge import bookings`: what is wrong is one sentence."""

from __future__ import annotations

import pytest

from infra.cli.import_ import _property, _zone
from infra.runtime.problems import Problem


@pytest.mark.parametrize("name", ["Lisbon", "", "../etc/passwd", "Europe/"])
def test_no_time_zone(name: str) -> None:
    with pytest.raises(Problem, match="no IANA time zone"):
        _zone(name)


@pytest.mark.parametrize("name", ["", "*", "a/b", "x" * 201])
def test_no_hotel(name: str) -> None:
    with pytest.raises(Problem, match="no hotel's id"):
        _property(name)


def test_good_ones() -> None:
    assert _zone("Europe/Lisbon").key == "Europe/Lisbon"
    assert _property("city") == "city"
