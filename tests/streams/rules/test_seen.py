"""Ids of the last days are known; older ones are forgotten, and the memory is bounded by days."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.rules.seen import DAY_MS, KEEP_DAYS, Seen


@given(st.lists(st.tuples(st.text(), st.integers(0, DAY_MS * (KEEP_DAYS - 1))), max_size=40))
def test_everything_of_the_last_days_is_known_in_any_order(heard: list[tuple[str, int]]) -> None:
    seen = Seen()
    for name, at in heard:
        seen.add(name, at)
    assert all(name in seen for name, _ in heard)
    assert "\x00 never said" not in seen


def test_what_is_older_than_the_window_is_forgotten() -> None:
    seen = Seen()
    seen.add("old", 0)
    seen.add("young", DAY_MS * KEEP_DAYS - 1)
    assert "old" in seen
    seen.add("new", DAY_MS * KEEP_DAYS)
    assert "old" not in seen
    assert "young" in seen
    seen.add("late", 1)
    assert "late" not in seen, "the day itself was forgotten"
