"""The auditor on a real gateway, which is made to lose, repeat, swap and invent what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import TopicPartition

from gateway.events import Said
from infra.auditor import ledger, main
from infra.auditor.hearing import now_ms
from infra.auditor.main import Auditor, urls
from infra.auditor.slots import Slots
from infra.runtime.kafka import read_to_end, reader
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode
from schemas.ids import new_id
from schemas.records.slo import SloFindings, SloReport
from tests.gateway.support import Running
from tests.infra.auditor.conftest import hotel
from tests.patience import until

CANARIES = 4


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a minute here, and whatever hotels there are they are looked at."""
    monkeypatch.setattr(ledger, "GRACE_MS", 1_500)
    monkeypatch.setattr(ledger, "SETTLE_MS", 1_000)
    for name, value in {"HOTELS": 1_000, "HOTELS_SECONDS": 0.5, "ASK_SECONDS": 0.5}.items():
        monkeypatch.setattr(main, name, value)
    monkeypatch.setattr(main, "FIRST_REPORT_SECONDS", 0.5)
    monkeypatch.setattr(main, "REPORT_SECONDS", 0.5)


@asynccontextmanager
async def auditing(gateway: Running) -> AsyncIterator[Auditor]:
    """An auditor that looks at the gateway."""
    auditor = Auditor(gateway.settings.model_copy(update={"auditor_gateways": gateway.url}))
    stop = asyncio.Event()
    running = asyncio.create_task(auditor.run(stop))
    try:
        await until(lambda: running.done() or (auditor._canaries and auditor.trouble() is None))
        yield auditor
    finally:
        stop.set()
        await running


async def looked_at(auditor: Auditor, own: str) -> None:
    """Until all canaries hear of it: the stream hears of one hotel, the first."""
    await until(lambda: own in auditor._chosen)
    await until(lambda: all(one.current for one in auditor._canaries))
    auditor._audit.slots = Slots()  # what an earlier test measured


def findings(auditor: Auditor) -> SloFindings:
    return auditor._audit.report(1, 1, now_ms()).findings[0]


async def test_all_is_heard_and_the_report_says_so(gateway: Running) -> None:
    own = await hotel(gateway)
    async with auditing(gateway) as auditor:
        await looked_at(auditor, own)
        first = min(auditor._known) == own
        for _ in range(5):
            await gateway.request(own, new_id(), staff_id="ann")
        # Two facts, and one more event for who was assigned; `ops` alone hears of requests.
        wanted = 5 * 3 * (2 if first else 1)
        await until(lambda: findings(auditor).heard == wanted)

        async def reported() -> SloReport | None:
            tp = TopicPartition("slo", topics.partition_of("*", gateway.settings.partitions))
            async with reader(gateway.settings) as consumer:
                reports = [decode(one.value, topics.SLO) async for one in read_to_end(consumer, [tp])]
            found = [one for one in reports if isinstance(one, SloReport)]
            return found[-1] if found and found[-1].findings[0].heard == wanted else None

        report = await until(reported)
        assert report.hotels == report.of >= 1
        kinds = {one.type for one in report.latencies}
        assert kinds == {"service_request_updated", "staff_assigned"}
        assert len({one.client for one in report.uptimes}) == CANARIES
        assert all(0 < one.up_s <= one.looked_s for one in report.uptimes)
        (hour, *_) = report.findings
        assert (hour.lost, hour.doubled, hour.reordered, hour.foreign) == (0, 0, 0, 0)
        async with gateway.web() as web:

            async def shown() -> bool:
                said = (await web.get("/api/slo")).json()
                return said["report"] is not None and said["report"]["findings"][0]["heard"] == wanted

            await until(shown)
            since = auditor._audit.report(1, 1, now_ms()).since
    async with auditing(gateway) as next_life:
        assert next_life._audit.since <= since
        month = next_life._audit.report(1, 1, now_ms()).findings[-1]
        assert month.heard >= wanted


async def test_what_a_gateway_loses_repeats_swaps_and_invents_is_found(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, hub = await hotel(gateway), gateway.live.hub
    honest = hub.tell
    fault = ""
    held: list[Any] = []

    def tell(property_id: str, topic: int, offset: int, stamp: int, told: list[Said]) -> int:
        if property_id == own and fault == "lost":
            return 0
        if property_id == own and fault == "foreign":
            told = [replace(one, id=new_id()) for one in told]
        if property_id == own and fault == "swapped" and not held:
            held.append((property_id, topic, offset, stamp, told))
            return 0
        heard = honest(property_id, topic, offset, stamp, told)
        if property_id == own and fault == "doubled":
            honest(property_id, topic, offset, stamp, told)
        if held:
            honest(*held.pop())
        return heard

    monkeypatch.setattr(hub, "tell", tell)
    async with auditing(gateway) as auditor:
        await looked_at(auditor, own)
        await gateway.request(own, new_id())
        await until(lambda: findings(auditor).heard > 0)
        many = findings(auditor).heard
        fault = "lost"
        await gateway.request(own, new_id())
        await until(lambda: findings(auditor).lost == many)
        fault = "doubled"
        await gateway.request(own, new_id())
        await until(lambda: findings(auditor).doubled == many)
        fault = "foreign"
        await gateway.request(own, new_id())
        await until(lambda: (findings(auditor).foreign, findings(auditor).lost) == (many, 2 * many))
        fault = "swapped"
        await gateway.request(own, new_id())
        await gateway.request(own, new_id())
        await until(lambda: findings(auditor).reordered == many)
        assert findings(auditor).unjudged == findings(auditor).reset == 0
        group = gateway.live.model.of("*")
        await until(lambda: any((one.kind, one.part) == ("audit", "auditor") for one in group.system_alerts))


def test_where_the_gateways_are() -> None:
    here = Settings(gateways=2, gateway_port=7000, host="0.0.0.0")
    assert urls(here) == ["http://127.0.0.1:7000", "http://127.0.0.1:7001"]
    assert urls(Settings(auditor_gateways="http://a:1, https://b/")) == ["http://a:1", "https://b"]
