"""After all the faults the product still answers: the bench of round trips, small."""

from __future__ import annotations

from infra.bench import roundtrip
from infra.bench.stack import Stack


async def test_every_command_comes_back_as_an_event(stack: Stack) -> None:
    result = await roundtrip.measure(stack.settings, pairs=5, rate=20, seconds=1, warm=5)
    figures = result.figures
    assert (figures["commands"], figures["missing"], figures["sockets"]) == (25, 0, 10)
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert result.ratios.keys() == result.baseline.keys() == {"p50_ms", "p99_ms"}
