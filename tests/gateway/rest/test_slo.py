"""The auditor's figures are for everybody, and old ones say that they are old."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateway.rest.slo import SILENT_MS
from gateway.state import now_ms
from infra.runtime.kafka import send
from schemas import topics
from schemas.records.slo import SloReport
from tests.gateway.support import Running
from tests.patience import until


async def test_anybody_may_read_the_newest_report(gateway: Running) -> None:
    async with gateway.web() as web:

        async def said() -> dict[str, Any]:
            answer = await web.get("/api/slo")
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
            found: dict[str, Any] = answer.json()
            return found

        gateway.live.model.slo = None
        assert (await said())["report"] is None
        for age, silent in ((0, False), (SILENT_MS + 5_000, True)):
            report = SloReport(property_id="*", at=now_ms() - age, since=1, hotels=age, of=9)
            key = topics.entity_key("*", "report", "auditor")
            await send(gateway.producer, gateway.settings, topics.SLO, "*", report, key=key)
            await until(partial(lambda said: gateway.live.model.slo == said, report))
            found = await said()
            assert found["report"]["hotels"] == age
            assert found["silent_since"] == (report.at if silent else None)


async def test_the_page_needs_no_sign_in(gateway: Running) -> None:
    async with gateway.web(follow_redirects=True) as web:
        page = await web.get("/slo")
        assert (page.status_code, page.url.path) == (200, "/slo/")
        assert "/js/pages/slo.js" in page.text
