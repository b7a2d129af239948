"""Probes: metrics, health, and a readiness that says why not."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from infra.runtime import metrics, probe
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


async def test_readyz_tells_the_truth_and_the_reason() -> None:
    reason: str | None = "recovering partition 3"
    async with (
        probe.serve(Settings(), lambda: reason) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get("/readyz") as answer:
            assert answer.status == 503
            assert await answer.json() == {"ready": False, "reason": "recovering partition 3"}
        reason = None
        async with http.get("/readyz") as answer:
            assert answer.status == 200
        async with http.get("/healthz") as answer:
            assert answer.status == 200


async def test_metrics_are_in_prometheus_text() -> None:
    metrics.PUSHES.labels("accepted").inc()
    async with (
        probe.serve(Settings(), lambda: None) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        http.get("/metrics") as answer,
    ):
        assert 'concierge_pushes_total{outcome="accepted"}' in await answer.text()
        assert answer.headers["Content-Type"].startswith("text/plain")


async def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=rf"Port {port} .* is taken .* CONCIERGE_PROBE_PORT"):
            async with probe.serve(Settings(probe_port=port), lambda: None):
                pass
