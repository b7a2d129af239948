"""The bench of deciding, small."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from infra.bench import decide
from infra.bench.alone import Alone


async def test_every_command_is_answered(stand: Alone, producer: AIOKafkaProducer) -> None:
    found = await decide.measure(stand, producer, hotels=3, requests=4, facts=600, kills=1)
    assert found.figures["commands"] == 3 * 4 * 4
    assert found.ratios.keys() == {"per_cpu_second"}
    assert 0 < found.figures["beside_intake_p50_ms"] <= found.figures["beside_intake_p99_ms"]
    assert found.figures["kill_to_answer_p50_seconds"] > 0
