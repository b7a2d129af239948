"""What the deciders of one worker look at beside their own state: read to the end, then followed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from infra.runtime import metrics
from infra.runtime.kafka import dead_letter, partitions_of, read_to_end, reader
from infra.runtime.settings import Settings
from schemas.codec import Undecodable
from schemas.facts import counts
from schemas.records.base import AnswerHeader
from streams.agents.decoded import Decoded
from streams.rules.answering import Agent, Followed


class Contexts:
    """Contexts of every agent and hotel of the partitions this worker owns, and the offsets they reflect."""

    def __init__(self, settings: Settings, agents: Sequence[Agent], producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._agents = tuple(agents)
        self._producer = producer
        self.decoded = Decoded()
        self._hotels: dict[tuple[str, str], Followed] = {}
        self._vectors: dict[int, dict[str, int]] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None
        self.failed: Callable[[BaseException], None] = lambda _: None

    def of(self, agent: Agent, property_id: str) -> Followed:
        """The agent's context of a hotel."""
        key = (agent.name, property_id)
        if key not in self._hotels:
            self._hotels[key] = agent.context()
        return self._hotels[key]

    def vector(self, agent: Agent, partition: int) -> dict[str, int]:
        """First offset not yet seen, by followed topic."""
        found: Mapping[str, int] = self._vectors.get(partition, {})
        return {topic.name: found[topic.name] for topic in agent.follows if topic.name in found}

    async def own(self, partitions: Iterable[int]) -> None:
        """Read the followed topics of these partitions to their ends; they are followed from then on."""
        await self.stop()
        self._hotels.clear()
        self._vectors = {partition: {} for partition in partitions}
        follows = {topic.name: topic for agent in self._agents for topic in agent.follows}
        wanted = [
            tp for tp in partitions_of(self._settings, *follows.values()) if tp.partition in self._vectors
        ]
        if not wanted:
            return
        self._consumer = reader(self._settings, fetch_max_wait_ms=100)
        await self._consumer.start()
        async for record in read_to_end(self._consumer, wanted):
            await self._take(record)
        self._task = asyncio.create_task(self._follow(self._consumer), name="contexts")

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            async for record in consumer:
                await self._take(record)
        except Exception as error:
            self.failed(error)
            raise

    async def _take(self, record: ConsumerRecord) -> None:
        self._vectors[record.partition][record.topic] = record.offset + 1
        if record.value is None:
            self._forget(record)
            return
        try:
            found = self.decoded.of(record)
        except Undecodable as error:
            await self._dead(record, str(error))
            return
        if isinstance(found, AnswerHeader) and not counts(found, record.offset):
            return
        property_id: str = found.property_id  # type: ignore[attr-defined]  # every followed record has it
        for context in self._followers(record.topic, property_id):
            try:
                context.take(found)
            except Exception as error:  # the same record would end every later start
                await self._dead(record, f"{type(context).__name__}: {type(error).__name__}: {error}")

    async def _dead(self, record: ConsumerRecord, reason: str) -> None:
        metrics.DEAD_LETTERS.labels("contexts").inc()
        await dead_letter(self._producer, self._settings, record, reason, "contexts")

    def _forget(self, record: ConsumerRecord) -> None:
        """Keys of compacted topics are property/kind/id."""
        parts = (record.key or b"").decode(errors="replace").split("/", 2)
        if len(parts) == 3:
            for context in self._followers(record.topic, parts[0]):
                context.forget(parts[1], parts[2])

    def _followers(self, topic: str, property_id: str) -> list[Followed]:
        return [
            self.of(agent, property_id)
            for agent in self._agents
            if any(followed.name == topic for followed in agent.follows)
        ]
