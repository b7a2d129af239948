"""Topics on a real broker."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra import topics
from infra.runtime.kafka import connection
from infra.runtime.settings import Settings
from schemas.topics import TOPICS


async def test_topics_are_made_once_and_differences_are_told(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    assert await topics.ensure(settings) == []
    assert await topics.ensure(settings) == []
    other = Settings(kafka_url=kafka, partitions=settings.partitions + 1)
    found = await topics.check(other)
    assert {d.setting for d in found} == {"partitions"}
    assert len(found) == len(TOPICS)
    assert str(found[0]) == f"topic {found[0].topic}: partitions is 6, should be 7"
    copied = await topics.check(Settings(kafka_url=kafka, replication=2))
    assert {(d.setting, d.found, d.wanted) for d in copied} == {("replication", "1", "2")}
    assert len(copied) == len(TOPICS)


async def test_a_missing_topic_is_reported_and_then_made(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        assert "signals" in await admin.list_topics()
        await admin.create_topics([NewTopic("not-ours", 1, 1)])
        assert await topics.check(settings) == [], "other people's topics are none of our business"
        await admin.delete_topics(["not-ours"])
    finally:
        await admin.close()
