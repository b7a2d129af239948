"""Fetched records -> batches: what can't become rows is a dead letter, and too many of those hold a topic."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from infra.runtime import failpoints, kafka, metrics
from infra.runtime.settings import Settings
from schemas.codec import Undecodable
from streams.sinks import fits
from streams.sinks.batch import Batch, Marks
from streams.sinks.fits import Bound, Unfit
from streams.sinks.limit import Limit
from streams.sinks.place import Place, Rows
from streams.sinks.rows import Foreign, rows_of

NAME = "sink"

log = structlog.get_logger()


def made(record: ConsumerRecord, bounds: Mapping[str, list[Bound]]) -> tuple[Place, Rows, str]:
    """A record's place and rows, or why there are none. Raises Newer."""
    place = Place(record.topic, record.partition, record.offset, record.timestamp, record.key)
    try:
        rows = rows_of(place, record.value)
        fits.check(rows, bounds)
    except (Undecodable, Foreign, Unfit) as problem:
        return place, [], str(problem)
    return place, rows, ""


class Reading:
    """`held`: "", or what it reads no further, for the probe. `bounds`: what the columns can hold."""

    def __init__(
        self,
        settings: Settings,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        bounds: Mapping[str, list[Bound]],
    ) -> None:
        self._settings, self._consumer, self._producer = settings, consumer, producer
        self._bounds = bounds
        self._limits: dict[TopicPartition, Limit] = {}
        self.held = ""

    async def batches(
        self, found: Mapping[TopicPartition, Sequence[ConsumerRecord]], marks: Marks
    ) -> list[Batch]:
        """Batches in order, full ones cut. Dead letters are sent. Raises Newer."""
        batches = []
        for tp, records in found.items():
            failpoints.passed(NAME, "fetched")
            batch = Batch(tp.topic, tp.partition)
            limit = self._limits.setdefault(tp, Limit(self._settings.sink_dead_letters_most))
            for record in records:
                if batch.full:
                    batches.append(batch)
                    batch = Batch(tp.topic, tp.partition)
                place, rows, problem = made(record, self._bounds)
                if not limit.lets(bool(problem)):
                    self._hold(tp, record.offset, problem)
                    break
                if problem:
                    await self.dead(record, problem)
                batch.add(place, rows, marks)
            if batch.records:
                batches.append(batch)
            failpoints.passed(NAME, "batch_built")
            metrics.BATCH_RECORDS.labels(NAME).observe(len(records))
            await asyncio.sleep(0)  # the probe answers also during a backlog
        return batches

    async def dead(self, record: ConsumerRecord, reason: str) -> None:
        """Sends a dead letter. Raises KafkaError."""
        await kafka.dead_letter(self._producer, self._settings, record, reason, NAME)
        metrics.DEAD_LETTERS.labels(NAME).inc()

    def _hold(self, tp: TopicPartition, offset: int, problem: str) -> None:
        """Reads no further there until the next start: a bad deploy must not drain a topic."""
        self._consumer.pause(tp)
        self._consumer.seek(tp, offset)
        self.held = (
            f"{tp.topic}/{tp.partition} is held at offset {offset}, too many dead letters in a row "
            f"({problem[:200]}): start a sink that can read it, or with CONCIERGE_SINK_DEAD_LETTERS_MOST=0"
        )
        log.error("held", what=self.held)
