"""Topics on the broker: made from `schemas/topics.py`, and checked against it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from infra.runtime.kafka import connection
from infra.runtime.settings import Settings
from schemas.topics import TOPICS

# A new broker that is busy takes long to make topics: the start of a cluster waits for it.
ANSWER_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting of one topic that is not what `schemas/topics.py` says."""

    topic: str
    setting: str
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"topic {self.topic}: {self.setting} is {self.found}, should be {self.wanted}"

    @property
    def advice(self) -> str:
        """What differs, and what to do about it."""
        return f"{self}. {self._remedy()}"

    def _remedy(self) -> str:
        match self.setting:
            case "existence":
                return "The next start makes it: concierge run prepare"
            case "partitions":
                return (
                    "A hotel's place hangs on the number, so it stands for good: set CONCIERGE_PARTITIONS="
                    f"{self.found} if all topics have {self.found}, else begin with new topics"
                )
            case "replication":
                return "Add copies with Kafka's kafka-reassign-partitions.sh, or set CONCIERGE_REPLICATION"
        return (
            "Set it with Kafka's kafka-configs.sh --alter --entity-type topics "
            f"--entity-name {self.topic} --add-config {self.setting}={self.wanted}"
        )


async def ensure(settings: Settings) -> list[Difference]:
    """Create the topics that are missing, then report (never change) what differs on the others."""
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [
            NewTopic(topic.name, settings.partitions, settings.replication, topic_configs=topic.config())
            for topic in TOPICS
            if topic.name not in existing
        ]
        if missing:
            response = await admin.create_topics(missing)
            for name, code, *_ in response.topic_errors:
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise RuntimeError(f"topic {name} could not be made: {for_code(code).__name__}")
            await _until_listed(admin, {topic.name for topic in missing})
        await _wake_coordinator(admin)
        return await _differences(admin, settings)
    finally:
        await admin.close()


async def _until_listed(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """The controller has made them; a busy broker knows of them a moment later."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while names - set(await admin.list_topics()):
            await asyncio.sleep(0.05)


async def _wake_coordinator(admin: AIOKafkaAdminClient) -> None:
    """A new cluster makes its offsets topic when somebody first asks for a group's coordinator.

    A member that joins while it is being made may be forgotten and loses 10 s: so ask here, until it answers.
    """
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            try:
                await admin.find_coordinator("concierge")
                return
            except KafkaError:
                await asyncio.sleep(0.1)


async def check(settings: Settings) -> list[Difference]:
    """What differs from `schemas/topics.py`, missing topics included; nothing is made or changed."""
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        return await _differences(admin, settings)
    finally:
        await admin.close()


async def _differences(admin: AIOKafkaAdminClient, settings: Settings) -> list[Difference]:
    existing = set(await admin.list_topics())
    found = [Difference(t.name, "existence", "there", "missing") for t in TOPICS if t.name not in existing]
    present = [topic for topic in TOPICS if topic.name in existing]
    described = await admin.describe_topics([topic.name for topic in present])
    for entry in described:
        count = len(entry["partitions"])
        if count != settings.partitions:
            found.append(Difference(entry["topic"], "partitions", str(settings.partitions), str(count)))
        copies = min(len(partition["replicas"]) for partition in entry["partitions"])
        if copies != settings.replication:
            found.append(Difference(entry["topic"], "replication", str(settings.replication), str(copies)))
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in present]
    actual: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources) if resources else []:
        for _, _, _, name, entries in response.resources:
            actual[name] = {entry[0]: entry[1] for entry in entries}
    for topic in present:
        for setting, wanted in topic.config().items():
            value = actual.get(topic.name, {}).get(setting, "unset")
            if value != wanted:
                found.append(Difference(topic.name, setting, wanted, value))
    return found
