"""Probes from a thread answer as those of a loop do, and nothing else."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request

import pytest

from infra.runtime import metrics, probe_thread
from infra.runtime.problems import Problem
from tests.patience import PATIENCE


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_readyz_tells_the_truth_and_the_reason() -> None:
    reason: str | None = "the warehouse is away"
    with probe_thread.serve("127.0.0.1", 0, lambda: reason) as port:
        status, body = get(port, "/readyz")
        assert (status, json.loads(body)) == (503, {"ready": False, "reason": "the warehouse is away"})
        reason = None
        status, body = get(port, "/readyz?x")
        assert (status, json.loads(body)["ready"]) == (200, True)
        assert get(port, "/healthz")[0] == 200
        assert get(port, "/anything")[0] == 404


def test_metrics_are_in_prometheus_text() -> None:
    metrics.PUSHES.labels("accepted").inc()
    with probe_thread.serve("127.0.0.1", 0, lambda: None) as port:
        assert 'concierge_pushes_total{outcome="accepted"}' in get(port, "/metrics")[1]


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Problem, match=rf"Port {port} .* is taken .* CONCIERGE_PROBE_PORT"),
            probe_thread.serve("127.0.0.1", port, lambda: None),
        ):
            pass
