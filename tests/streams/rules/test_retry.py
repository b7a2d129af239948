"""When to try again."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.rules.retry import LONGEST_S, asked_for, pause

NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)


def test_retry_after_is_seconds_or_a_date() -> None:
    assert asked_for("120", NOW) == 120
    assert asked_for("Sun, 01 Mar 2026 12:01:00 GMT", NOW) == 60
    assert asked_for("Sun, 01 Mar 2026 11:00:00 GMT", NOW) == 0
    assert asked_for(None, NOW) is None


@given(st.text())
def test_nonsense_is_no_error(text: str) -> None:
    found = asked_for(text, NOW)
    assert found is None or found >= 0


@given(st.integers(1, 1_000), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 10_000)))
def test_pauses_are_bounded_and_honour_what_was_asked(
    attempt: int, jitter: float, asked: float | None
) -> None:
    found = pause(attempt, jitter, asked)
    assert found >= (asked or 0)
    assert 1 <= found <= max(LONGEST_S, asked or 0)
