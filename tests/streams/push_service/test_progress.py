"""Up to where everything is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.push_service.progress import Progress


@given(st.permutations(range(5, 15)), st.integers(0, 10))
def test_nothing_unfinished_is_ever_committed(order: list[int], ended: int) -> None:
    progress = Progress()
    for offset in range(5, 15):
        progress.took(offset)
    for offset in order[:ended]:
        progress.done(offset)
    assert progress.committable() == min(order[ended:], default=15)
