"""The bench of the dashboard, small: each event reaches the row and, after it, the screen."""

from __future__ import annotations

from infra.bench import dashboard
from infra.bench.stack import Stack


async def test_every_event_reaches_the_screen(stack: Stack) -> None:
    result = await dashboard.measure(stack.settings, events=2, warm=0)
    assert result.figures["events"] == 2
    assert result.baseline["p50_ms"] > 0
    assert result.ratios.keys() == {"p50_ms", "p95_ms"}
