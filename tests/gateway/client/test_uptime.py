"""The share of time in which all was heard, held against the same worked out from a list of spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.client.uptime import Uptime


def test_it_counts_from_when_all_was_first_heard() -> None:
    found = Uptime()
    found.away(1.0)
    assert found.share(2.0) == 0.0
    found.heard(10.0)
    assert found.share(10.0) == 1.0
    found.away(15.0)
    assert found.share(20.0) == 0.5
    found.heard(20.0)
    assert found.share(30.0) == 0.75
    assert list(found.gaps) == [5.0]


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 100)), min_size=1))
def test_it_is_what_the_spans_say(steps: list[tuple[bool, int]]) -> None:
    found, now, here = Uptime(), 0, False
    first: int | None = None
    away = 0
    for current, seconds in steps:
        (found.heard if current else found.away)(float(now))
        here = current
        if current and first is None:
            first = now
        now += seconds
        if first is not None and not here:
            away += seconds
    if first is None:
        assert found.share(float(now)) == 0.0
    elif now > first:
        assert found.share(float(now)) == pytest.approx(1 - away / (now - first))
