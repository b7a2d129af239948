"""Figures of the panel come from the difference of two samples."""

from __future__ import annotations

import pytest

from infra.supervisor import figures

PAGE = """# HELP x y
concierge_events_delivered_total{{type="new_message"}} {events}
concierge_lag_records{{reader="sink",topic="rooms"}} 3.0
concierge_event_to_client_seconds_bucket{{le="0.005"}} {low}
concierge_event_to_client_seconds_bucket{{le="0.01"}} {high}
concierge_event_to_client_seconds_bucket{{le="+Inf"}} {high}
"""


def test_rates_lag_and_percentiles() -> None:
    old = figures.sample([PAGE.format(events=100, low=10, high=10)], at=1.0)
    new = figures.sample([PAGE.format(events=120, low=60, high=110)], at=3.0)
    seen = figures.between(old, new)
    assert seen.events_per_second == 10
    assert seen.lag == 3
    assert seen.p50_ms == pytest.approx(5.0)
    assert seen.p99_ms == pytest.approx(9.9)


def test_nothing_delivered_is_not_zero_milliseconds() -> None:
    empty = figures.sample([""], at=0.0)
    assert figures.between(empty, empty).p50_ms is None
    assert figures.percentile({0.1: 0, float("inf"): 4}, 0.5) == pytest.approx(100)


def test_a_restarted_process_does_not_count_backwards() -> None:
    old = figures.sample([PAGE.format(events=100, low=10, high=10)], at=1.0)
    new = figures.sample([PAGE.format(events=1, low=1, high=1)], at=2.0)
    assert figures.between(old, new).events_per_second == 0
