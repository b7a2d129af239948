"""What the log let go is exactly what it does not hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sinks import held as module
from streams.sinks.held import Gap, Held


def gaps(offsets: list[int], start: int, end: int) -> list[Gap]:
    held = Held()
    for offset in offsets:
        held.add(offset)
    return list(held.gaps(start, end))


def test_retention_leaves_one_gap_and_a_whole_log_none() -> None:
    assert gaps(list(range(300)), 0, 300) == []
    assert gaps(list(range(200, 300)), 0, 300) == [Gap(0, 200)]
    assert gaps([], 5, 9) == [Gap(5, 9)]


def test_compaction_names_what_is_left() -> None:
    assert gaps([3, 7, 8], 0, 10) == [Gap(0, 10, (3, 7, 8))]


@given(st.sets(st.integers(100, 400)), st.integers(0, 100), st.integers(1, 8), st.integers(1, 50))
def test_gaps_and_the_held_are_everything_once(
    offsets: set[int], start: int, named: int, widest: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_NAMED", named)
        patch.setattr(module, "MOST_OFFSETS", widest)
        patch.setattr(module, "LONG", 4)
        found = gaps(sorted(offsets), start, 401)
    absent = [one for gap in found for one in range(gap.first, gap.end) if one not in gap.held]
    assert absent == [one for one in range(start, 401) if one not in offsets]
    assert all(gap.end - gap.first <= widest + 5 and len(gap.held) <= named + 5 for gap in found)
