"""Each answer is measured by its route, and says since when it may be old."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from gateway.served import STALE_SINCE
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
