"""What is opened is closed again, also where it could not be opened."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from gateway import lifespan
from gateway.claims import Claims
from gateway.lifespan import opened
from gateway.readers import GROUPS
from gateway.typists import TYPES_FOR_MS
from infra.runtime import watchdog
from infra.runtime.kafka import send
from infra.runtime.metrics import LAG_RECORDS
from infra.runtime.watchdog import values
from infra.topics import ensure
from schemas import topics
from schemas.records.signals import Signal, Typing
from tests.gateway.support import settings_for
from tests.patience import patience, until


async def test_its_parts_live_from_loaded_to_ended(kafka: str) -> None:
    settings = settings_for(kafka)
    await ensure(settings)
    async with opened(settings, 7) as live:
        assert live.tail.loaded
        assert "-7-" in live.gateway_id
        tasks = list(live.tail._tasks)
        assert not any(task.done() for task in tasks)
    assert all(task.done() for task in tasks)


async def test_its_watchdog_tells_admins_of_what_it_cannot_read(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog.watch, "__defaults__", (time.monotonic, 0.05, None))
    settings = settings_for(kafka)
    await ensure(settings)
    async with opened(settings, 8) as live:

        async def told() -> bool:
            # What came before its first look has not grown.
            await live.producer.send_and_wait(topics.SIGNALS.name, b"poison", partition=0)
            alerts = live.model.of("*").system_alerts
            return ("dead_letters", "gateway-8") in [(one.kind, one.part) for one in alerts]

        await until(told)


async def test_a_gateway_that_follows_the_log_no_more_ends(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("nobody thought of this")

    settings = settings_for(kafka)
    await ensure(settings)
    asked_to_end, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, asked_to_end.set)
    try:
        async with opened(settings, 9) as live, patience():
            await asyncio.sleep(0.2)
            assert not asked_to_end.is_set()
            monkeypatch.setattr(live.hub, "flush", broken)
            await asked_to_end.wait()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def test_who_types_is_over_in_time_whatever_cannot_be_said(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def never(*about: Any) -> None:
        # Other tests' gateways in this process say what they have to: one that hung here would for good.
        if about[-1].gateway_id.split("-")[-2] != "9":
            await send(*about)
            return
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(lifespan, "SAY_SECONDS", 1e6)
    monkeypatch.setattr(lifespan, "send", never)
    settings = settings_for(kafka)
    await ensure(settings)
    async with opened(settings, 9) as live, patience():
        live.presence.opened(Claims("s", "staff", "h", "S", None, None, (), 0, 1 << 50, "t"))
        await asked.wait()
        typing = Typing(thread_id="t", user_id="s", on=True)
        said = Signal(property_id="h", gateway_id="g", at=live.clock(), typing=typing)
        assert live.tail._typists.heard(said, typing, live.clock() - TYPES_FOR_MS + 500)
        await until(lambda: not live.tail._typists._until)


async def test_its_age_and_lag_grow_while_it_does_not_turn(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def age() -> float:
        return values("concierge_commit_age_seconds")["gateway"]

    def lag() -> float:
        (own,) = (m.samples for m in LAG_RECORDS.collect())
        told = {"reader": "gateway", "topic": topics.SIGNALS.name}
        return sum(one.value for one in own if one.labels == told)

    async def hang(**_: object) -> None:
        await asyncio.Event().wait()

    settings = settings_for(kafka)
    await ensure(settings)
    async with opened(settings, 10) as live, patience():
        said = Signal(property_id="h", gateway_id="g", at=1)
        await send(live.producer, settings, topics.SIGNALS, "h", said)
        await asyncio.sleep(2.5)
        await until(lambda: age() < 2 and lag() == 0, "it looks once a second; nothing to tell is no age")
        monkeypatch.setattr(live.tail._readers.each[GROUPS.index((topics.SIGNALS,))], "getmany", hang)
        while age() < 3 or lag() < 1:
            await send(live.producer, settings, topics.SIGNALS, "h", said)
            await asyncio.sleep(0.2)


async def test_without_kafka_it_says_so_and_leaves_nothing_open() -> None:
    with pytest.raises(KafkaError):
        async with opened(settings_for("127.0.0.1:1"), 0):
            pass
    gc.collect()  # what was left open would warn now, and warnings are errors
