"""What a bench says."""

from __future__ import annotations

import pytest

from infra.bench.result import Result, percentile, rate, times


def test_a_ratio_is_said_where_the_bare_engine_has_the_same_figure() -> None:
    result = Result("b", {"p50_ms": 30.0, "sockets": 200.0, "zero": 1.0}, {"p50_ms": 4.0, "zero": 0.0})
    assert result.json()["ratios"] == {"p50_ms": 7.5}


def test_percentiles_are_of_the_values_themselves() -> None:
    values = [number / 1000 for number in range(100, 0, -1)]
    assert times(values) == {"p50_ms": 51.0, "p99_ms": 100.0}
    assert percentile([7.0], 0.99) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_rate_of_less_than_a_tick_is_a_ticks() -> None:
    assert (rate(50, 2.0), rate(50, 0.0)) == (25, 5000)
