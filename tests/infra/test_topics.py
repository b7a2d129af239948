"""Topics on a real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from typer.testing import CliRunner

from infra import part, topics
from infra.cli import app
from infra.runtime.kafka import connection
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas.ids import new_id
from schemas.records.signals import Signal
from schemas.topics import TOPICS, Topic
from tests.patience import patience


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


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    found = AIOKafkaAdminClient(**connection(Settings(kafka_url=kafka)))
    await found.start()
    yield found
    await found.close()


@pytest.fixture
async def own(
    kafka: str, admin: AIOKafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Topic]:
    """A topic of the test's own beside the house's, made, and gone afterwards."""
    topic = Topic(f"test-{new_id()}", (Signal,), "the test", retention_ms=60_000)
    monkeypatch.setattr(topics, "TOPICS", (*TOPICS, topic))
    monkeypatch.setenv("CONCIERGE_KAFKA_URL", kafka)
    assert await topics.ensure(Settings(kafka_url=kafka)) == []
    yield topic
    await admin.delete_topics([topic.name])


async def _checked() -> tuple[int, list[str], list[str]]:
    """Exit code, lines and JSON of `concierge topics check`."""
    run = await asyncio.to_thread(CliRunner().invoke, app, ["topics", "check", "--json"])
    *lines, last = run.output.splitlines()
    return run.exit_code, lines, json.loads(last)["differences"]


async def _told(count: int) -> list[str]:
    """The lines of `topics check` once it finds so many differences, exit code 1.

    The controller has answered what was altered; a busy broker knows of it a moment later.
    """
    async with patience():
        while len((found := await _checked())[2]) != count:
            await asyncio.sleep(0.1)
    assert found == (1, found[2], found[2])
    return found[2]


async def test_a_setting_that_somebody_altered_is_reported_with_what_to_do(
    kafka: str, admin: AIOKafkaAdminClient, own: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(kafka_url=kafka)
    assert await _checked() == (0, ["All topics are as they should be."], [])
    altered = own.config() | {"retention.ms": "1000", "cleanup.policy": "compact"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, own.name, altered)])
    told = [
        f"topic {own.name}: {setting} is {found}, should be {wanted}. Set it with Kafka's kafka-configs.sh "
        f"--alter --entity-type topics --entity-name {own.name} --add-config {setting}={wanted}"
        for setting, found, wanted in (
            ("cleanup.policy", "compact", "delete"),
            ("retention.ms", "1000", "60000"),
        )
    ]
    assert await _told(2) == told
    await part._topics(settings)
    assert capsys.readouterr().out.splitlines() == told, "a start says it, and goes on"
    assert [one.advice for one in await topics.check(settings)] == told, "nothing was changed"
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, own.name, own.config())])
    async with patience():
        while await topics.check(settings):
            await asyncio.sleep(0.1)


async def test_another_number_of_partitions_is_reported_and_nothing_starts(
    kafka: str, admin: AIOKafkaAdminClient, own: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(kafka_url=kafka)
    more = settings.partitions + 1
    await admin.create_partitions({own.name: NewPartitions(more)})
    lines = await _told(1)
    assert lines[0].startswith(f"topic {own.name}: partitions is {more}, should be {settings.partitions}. ")
    assert f"CONCIERGE_PARTITIONS={more}" in lines[0]
    with pytest.raises(Problem, match="Nothing starts on these topics"):
        await part._topics(settings)
    assert capsys.readouterr().out.splitlines() == lines


async def test_a_topic_that_was_deleted_is_reported(own: Topic, admin: AIOKafkaAdminClient) -> None:
    await admin.delete_topics([own.name])
    assert await _told(1) == [
        f"topic {own.name}: existence is missing, should be there. "
        "The next start makes it: concierge run prepare"
    ]


async def test_what_was_made_is_waited_for_until_the_broker_knows_of_it() -> None:
    class Slow:
        looks = 0

        async def list_topics(self) -> list[str]:
            self.looks += 1
            return ["old", "new"][: self.looks - 1]

    slow: Any = Slow()
    await topics._until_listed(slow, {"old", "new"})
    assert slow.looks == 3
