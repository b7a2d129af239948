"""What is opened is closed again, also where it could not be opened."""

from __future__ import annotations

import gc

import pytest
from aiokafka.errors import KafkaError

from gateway.lifespan import opened
from tests.gateway.support import settings_for


async def test_its_parts_live_from_loaded_to_ended(kafka: str) -> None:
    async with opened(settings_for(kafka), 7) as live:
        assert live.tail.loaded
        assert live.gateway_id.endswith("-7")
        tasks = list(live.tail._tasks)
        assert not any(task.done() for task in tasks)
    assert all(task.done() for task in tasks)


async def test_without_kafka_it_says_so_and_leaves_nothing_open() -> None:
    with pytest.raises(KafkaError):
        async with opened(settings_for("127.0.0.1:1"), 0):
            pass
    gc.collect()  # what was left open would warn now, and warnings are errors
