"""The bench of who comes back, small."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from infra.bench import resume
from infra.bench.alone import Alone


async def test_who_comes_back_has_all_that_was_missed(stand: Alone, producer: AIOKafkaProducer) -> None:
    found = await resume.measure(stand, producer, missed=6_000, clients=20, meanwhile=10)
    assert found.figures["events_per_second"] > 0
    assert found.figures["together_events_per_second"] > 0
    assert found.figures["all_back_seconds"] > 0
