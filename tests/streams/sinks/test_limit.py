"""Mishaps pass, floods do not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.sinks.limit import Limit


def test_a_run_ends_it_and_a_good_record_begins_a_new_one() -> None:
    limit = Limit(3)
    assert [limit.lets(dead) for dead in (True, True, True, True, True)] == [True] * 3 + [False] * 2
    assert limit.lets(False)
    assert limit.lets(True)


def test_a_share_ends_it_though_good_ones_lie_between() -> None:
    limit = Limit(4)
    taken = [limit.lets(number % 3 != 0) for number in range(60)]
    assert taken.count(False) > 0
    assert all(taken[:30])


@given(st.lists(st.booleans(), max_size=300))
def test_one_in_a_hundred_never_ends_it(deads: list[bool]) -> None:
    limit = Limit(100)
    assert all(limit.lets(dead and number % 100 == 0) for number, dead in enumerate(deads))


def test_without_a_limit_all_pass() -> None:
    limit = Limit(0)
    assert all(limit.lets(True) for _ in range(5_000))
