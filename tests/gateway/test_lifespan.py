"""What is opened is closed again, also where it could not be opened."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest
from aiokafka.errors import KafkaError

from gateway.lifespan import opened
from infra.runtime import watchdog
from infra.topics import ensure
from schemas import topics
from tests.gateway.support import settings_for


async def test_its_parts_live_from_loaded_to_ended(kafka: str) -> None:
    async with opened(settings_for(kafka), 7) as live:
        assert live.tail.loaded
        assert live.gateway_id.endswith("-7")
        tasks = list(live.tail._tasks)
        assert not any(task.done() for task in tasks)
    assert all(task.done() for task in tasks)


async def test_its_watchdog_tells_admins_of_what_it_cannot_read(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog.watch, "__defaults__", (time.monotonic, 0.05))
    settings = settings_for(kafka)
    await ensure(settings)
    async with opened(settings, 8) as live:
        await asyncio.sleep(0.2)  # it has looked once
        await live.producer.send_and_wait(topics.SIGNALS.name, b"poison", partition=0)
        async with asyncio.timeout(20):
            while not any(
                (one.kind, one.part) == ("dead_letters", "gateway-8")
                for one in live.model.of("*").system_alerts
            ):
                await asyncio.sleep(0.05)


async def test_without_kafka_it_says_so_and_leaves_nothing_open() -> None:
    with pytest.raises(KafkaError):
        async with opened(settings_for("127.0.0.1:1"), 0):
            pass
    gc.collect()  # what was left open would warn now, and warnings are errors
