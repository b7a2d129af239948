"""A folder in a worker: state = fold of fact topics from the log's start, written as absolute values.

What was written before is never read back: a topic folds in seconds, and the vector says what is newer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable, Sequence

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition

from infra.runtime import kafka, metrics
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode, encode
from schemas.topics import BY_NAME, entity_key
from streams.agents.part import Input
from streams.rules.folding import Folded, Kind, NewerThanReader

# At most this often a hotel's value is written while facts pour in; the first change after a pause at once.
WRITE_EVERY_S = 0.25

log = structlog.get_logger()


class Folder:
    """One folder over the partitions its worker owns. A `Part`."""

    def __init__(self, settings: Settings, kind: Kind) -> None:
        self.name = kind.name
        self.topics = kind.reads
        self._settings = settings
        self._kind = kind
        self._producer: AIOKafkaProducer = None
        self._folded: dict[int, Folded] = {}
        self._stopped: set[int] = set()
        self._written_at: dict[str, float] = {}
        self._lock = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the producer."""
        self._producer = kafka.producer(self._settings)
        await self._producer.start()
        self._flusher = asyncio.create_task(self._flush(), name=f"{self.name}-flush")

    async def recover(self, partitions: set[int]) -> dict[TopicPartition, int]:
        """Fold these partitions, and no others, from the log's start, and write every value again."""
        began = time.monotonic()
        async with self._lock:
            self.begin(partitions)
            wanted = [TopicPartition(topic.name, p) for topic in self.topics for p in sorted(partitions)]
            consumer = kafka.reader(self._settings)
            await consumer.start()
            try:
                async for one in kafka.read_to_end(consumer, wanted):
                    found = Input(one.topic, one.partition, one.offset, one.timestamp, one.key, one.value)
                    await self.take(found)
                ends = await consumer.end_offsets(wanted)
            finally:
                await consumer.stop()
            await self._write()
        metrics.RECOVERY_SECONDS.labels(self.name).set(time.monotonic() - began)
        return {tp: self._folded[tp.partition].vector.get(tp.topic, ends[tp]) for tp in wanted}

    async def run(self, inputs: Sequence[Input]) -> None:
        """Fold what is new of these, and write unless it was written a moment ago: then a little later."""
        async with self._lock:
            for one in inputs:
                await self.take(one)
            await self._write()
        metrics.BATCH_RECORDS.labels(self.name).observe(len(inputs))

    async def stop(self) -> None:
        """Write what is pending and close."""
        if self._flusher is not None:
            self._flusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flusher
        async with self._lock:
            self._written_at.clear()
            await self._write()
        await self._producer.stop()

    def begin(self, partitions: Iterable[int]) -> None:
        """Forget everything: nothing of these partitions is folded yet."""
        self._folded = {p: Folded(self._kind, {}) for p in partitions}
        self._stopped.clear()
        self._written_at.clear()

    def stands_still(self, partition: int) -> bool:
        """Whether a fact newer than this program stopped it there."""
        return partition in self._stopped

    async def take(self, one: Input) -> None:
        """Fold one record, unless it is known already or the folder stands still there."""
        folded = self._folded.get(one.partition)
        if folded is None or one.partition in self._stopped or one.offset < folded.vector.get(one.topic, 0):
            return
        try:
            if one.value is None:
                folded.skip(one.topic, one.offset, one.at)
            else:
                folded.take(one.topic, one.offset, one.at, decode(one.value, BY_NAME[one.topic]))
        except Undecodable as error:
            metrics.DEAD_LETTERS.labels(self.name).inc()
            await kafka.dead_letter(self._producer, self._settings, one, str(error), self.name)
            folded.skip(one.topic, one.offset, one.at)
        except NewerThanReader as error:
            self._stopped.add(one.partition)
            what = f"{error}; its numbers stand still until a program that knows it is started"
            log.error("folder_stopped", folder=self.name, partition=one.partition, what=what)
        # a batch of intake is tens of milliseconds of decoding: let the deciders through between two
        await asyncio.sleep(0)

    async def _flush(self) -> None:
        """Write what was held back while facts poured in. Without Kafka: exit, the log remembers."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            if any(folded.changed for folded in self._folded.values()):
                async with self._lock:
                    try:
                        await self._write()
                    except Exception as error:  # anything here would silently freeze the numbers
                        log.error("folder_cannot_write", folder=self.name, error=str(error))
                        os._exit(3)

    async def _write(self) -> None:
        """Write every changed hotel that was not written a moment ago."""
        now = time.monotonic()
        sent = []
        for partition, folded in self._folded.items():
            for property_id in sorted(folded.changed):
                if now - self._written_at.get(property_id, -WRITE_EVERY_S) < WRITE_EVERY_S:
                    continue
                self._written_at[property_id] = now
                for state in folded.snapshot(property_id):
                    key = entity_key(property_id, state.kind, state.id)
                    topic, value = self._kind.state.name, encode(state)
                    sent.append(await self._producer.send(topic, value=value, key=key, partition=partition))
        if sent:
            await asyncio.gather(*sent)
