"""The app's own answers: probes that tell the truth, and one shape for every error."""

from __future__ import annotations

import pytest

from gateway.readmodel.model import ReadModel
from tests.gateway.support import Running, token


async def test_ready_only_while_it_is(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gateway.web() as web:
        assert (await web.get("/healthz")).json() == {"status": "ok"}
        assert (await web.get("/readyz")).status_code == 200
        monkeypatch.setattr(gateway.live.hub, "draining", True)
        answer = await web.get("/readyz")
        assert (answer.status_code, answer.json()["draining"]) == (503, True)
        assert answer.json()["reason"] == "it is leaving"
        assert (await web.get("/healthz")).status_code == 200
        assert "concierge_connections" in (await web.get("/metrics")).text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("PATCH", "/api/rooms", 405, "method_not_allowed"),
        ("GET", "/api/websocket/events", 422, "invalid"),
    ],
)
async def test_one_shape_for_what_the_framework_refuses(
    gateway: Running, method: str, path: str, status: int, code: str
) -> None:
    head = {"Authorization": "Bearer " + token()}
    async with gateway.web(headers=head) as web:
        answer = await web.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_what_fails_inside_shows_no_trace_and_harms_nobody(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    head = {"Authorization": "Bearer " + token()}
    async with gateway.web(headers=head) as web:
        with monkeypatch.context() as broken:
            broken.setattr(ReadModel, "hotel", fail)
            answer = await web.get("/api/rooms")
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
        assert "secret" not in answer.text
        assert (await web.get("/healthz")).status_code == 200
