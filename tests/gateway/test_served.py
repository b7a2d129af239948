"""Each answer is measured by its route, and says since when it may be old."""

from __future__ import annotations

import re

import pytest
from prometheus_client import REGISTRY

from gateway.served import STALE_SINCE
from schemas.ids import new_id
from schemas.records.settings import PropertySettings
from tests.gateway.support import Running, silent_kafka, token


def count(route: str, status: str) -> float:
    found = REGISTRY.get_sample_value("concierge_http_seconds_count", {"route": route, "status": status})
    return found or 0.0


async def test_answers_are_counted_by_route_not_by_path(gateway: Running) -> None:
    route = "/schemas/ids/{schema_id}"
    before, other = count(route, "404"), count("other", "404")
    async with gateway.web() as web:
        await web.get("/schemas/ids/77777")
        await web.get("/schemas/ids/88888")
        await web.get("/api/" + "x" * 50)
    assert count(route, "404") == before + 2
    assert count("other", "404") == other + 1


async def test_what_may_be_old_says_since_when(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    head = {"Authorization": "Bearer " + token()}
    async with gateway.web(headers=head) as web:
        assert STALE_SINCE not in (await web.get("/api/auth/me")).headers
        silent_kafka(gateway, monkeypatch, 1234)
        assert (await web.get("/api/auth/me")).headers[STALE_SINCE] == "1234"
        assert STALE_SINCE not in (await web.get("/subjects")).headers, "schemas are never old"


async def test_an_answer_says_what_its_sender_has_left_and_nobody_elses(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gateway.live.limits.rates, "emergency", (0.001, 1.0))
    own = "served" + new_id()[-6:]
    house = PropertySettings(name="S", time_zone="UTC", currency="EUR", departments=["x"])
    gateway.live.model.of(own).property = house
    head = {"Authorization": "Bearer " + token("staff", own)}
    alarm = {"id": "a", "cmd": "alerts.raise_emergency", "d": {"kind": "fire", "location": "bar"}}
    async with gateway.web(headers=head) as web, gateway.web() as nobody:
        read = await web.get("/api/auth/me")
        assert read.headers["RateLimit-Policy"] == '"read";q=300;w=3'
        assert read.headers["RateLimit"] == '"read";r=299;t=1'
        path = "/api/websocket/events"
        command = await web.post(path, json={"id": "c", "cmd": "services.accept", "d": {}})
        assert command.headers["RateLimit-Policy"] == '"frame";q=1000;w=10, "command";q=60;w=3'
        first, second = [await web.post(path, json=alarm | {"id": one}) for one in "ab"]
        # A slow machine has a frame's token back by then.
        assert re.match('"frame";r=99[89];t=1, "emergency";r=0;t=', first.headers["RateLimit"])
        assert second.status_code == 429
        assert '"emergency";r=0' in second.headers["RateLimit"]
        assert "command" not in second.headers["RateLimit"], "emergencies take no token of another kind"
        assert int(second.headers["Retry-After"]) > 0
        for path in ("/healthz", "/api/auth/me", "/subjects"):
            assert "RateLimit" not in (await nobody.get(path)).headers
