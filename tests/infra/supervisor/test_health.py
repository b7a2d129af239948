"""Ready, not ready with its reason, or silent: three different things."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.supervisor import health
from infra.supervisor.health import Silent


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = (200, b"ok") if self.path in ("/ready", "/ping") else (503, b"folding the log")
        if self.path == "/readyz":
            body = b'{"ready": false, "reason": "Kafka is away"}'
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_a_part_answers(address: str) -> None:
    assert await health.http(f"{address}/ready")() is None
    reason = await health.http(f"{address}/busy")()
    assert reason == "folding the log"
    assert not isinstance(reason, Silent)
    assert await health.http(f"{address}/readyz")() == "Kafka is away", "its sentence, not its JSON"


async def test_nobody_there_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections, never answers
        port = deaf.getsockname()[1]
        assert isinstance(await health.http(f"http://127.0.0.1:{port}/")(), Silent)
    assert isinstance(await health.http(f"http://127.0.0.1:{port}/")(), Silent)
    assert isinstance(await health.kafka(port)(), Silent)


async def test_the_warehouse_is_waited_for(address: str) -> None:
    await health.wait_for_warehouse(Settings(clickhouse_url=address), deadline=10)
    with pytest.raises(Problem, match=r"The warehouse at http://127\.0\.0\.1:1 does not answer: "):
        await health.wait_for_warehouse(Settings(clickhouse_url="http://127.0.0.1:1"), deadline=0)
