"""The bench of the sink, small."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from infra.bench import sink
from infra.bench.alone import Alone


async def test_sink_and_loop_write_the_same_rows(stand: Alone, producer: AIOKafkaProducer) -> None:
    found = await sink.measure(stand, producer, hotels=5, answers=50)
    assert found.figures["rows"] == 100
    assert found.baseline["per_cpu_second"] > 0
