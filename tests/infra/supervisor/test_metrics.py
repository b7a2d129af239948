"""Which part is ready, how often it was started again and how fast it answers, as they are when asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from infra.supervisor import health, metrics
from infra.supervisor.child import Child
from infra.supervisor.figures import scrape
from infra.supervisor.health import running
from infra.supervisor.parts import WORKERS, Part
from tests.fixtures_kafka import free_ports


async def test_they_follow_the_parts() -> None:
    child = Child(Part("some-part", WORKERS, (), running), Path("x"), {}, lambda _: None)
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/metrics"
    with metrics.served([child], "127.0.0.1", port):
        before = await asyncio.to_thread(scrape, url)
        waits = await health.http(f"http://127.0.0.1:{port}/readyz")()
        child.ready.set()
        assert await health.http(f"http://127.0.0.1:{port}/readyz")() is None
        child.restarts = 3
        child.answer_seconds = 0.25
        after = await asyncio.to_thread(scrape, url)
    assert waits == "not ready: some-part"
    assert 'concierge_part_ready{part="some-part"} 0.0' in before
    assert 'concierge_part_ready{part="some-part"} 1.0' in after
    assert 'concierge_part_restarts{part="some-part"} 3.0' in after
    assert 'concierge_part_answer_seconds{part="some-part"} 0.25' in after
    assert await asyncio.to_thread(scrape, url) == ""
