"""The bare engine, measured on the session's Kafka."""

from __future__ import annotations

from infra.bench import raw
from infra.runtime.settings import Settings


async def test_each_record_comes_back_and_the_topic_goes(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    seconds = await raw.latencies(settings, rate=100, wanted=20)
    assert len(seconds) == 20
    assert all(0 < one < 30 for one in seconds)
    assert await raw.produce(settings, [b"x" * 1000] * 50) > 0
