"""The folders of one worker: one reader of the fact topics, decoded once, folded by each, written absolute.

No Faust stream carries these topics: its one fetch loop would hold the commands of the deciders in the same
worker back while an import is folded. The state is the fold from the log's start, or from what a folder
remembered on its way (`streams/agents/memories.py`); values that were written are never read back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from infra.runtime import failpoints, metrics
from infra.runtime.kafka import dead_letter, read_to_end, reader
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, encode
from schemas.topics import entity_key
from streams.agents.decoded import Decoded
from streams.agents.memories import Memories
from streams.rules.folding import Folded, Kind, NewerThanReader

# At most this often a hotel's value is written while facts pour in; the first change after a pause at once.
WRITE_EVERY_S = 0.25
SLICE = 500
# A batch of intake is tens of milliseconds of decoding, a small fact 20 us: so many bytes between two turns
# of the loop let commands through, and cost a small fact nothing (a turn for each: a quarter of its CPU).
TURN_BYTES = 16 * 1024

log = structlog.get_logger()


class Folders:
    """All folders of one worker over the partitions it owns."""

    def __init__(
        self,
        settings: Settings,
        kinds: Sequence[Kind],
        producer: AIOKafkaProducer,
        snapshots: AIOKafkaProducer,
        decoded: Decoded,
    ) -> None:
        self._settings = settings
        self._kinds = tuple(kinds)
        self._reading = {t.name: {k.name for k in kinds if t in k.reads} for k in kinds for t in k.reads}
        self._producer = producer
        self._decoded = decoded
        self._memories = Memories(settings, kinds, producer, snapshots)
        self._folded: dict[int, list[Folded]] = {}
        self._written_at: dict[tuple[str, str], float] = {}
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self.recovered = asyncio.Event()
        self.failed: Callable[[BaseException], None] = _leave

    async def own(self, partitions: Iterable[int]) -> None:
        """Fold these partitions, and no others, from what is remembered of them. Returns at once."""
        await self.stop()
        self.recovered.clear()
        self._task = asyncio.create_task(self._run(sorted(set(partitions))), name="folders")

    async def stop(self) -> None:
        """Stop reading and writing; what is not written yet is folded again by the next owner."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def running(self, partition: int) -> set[str]:
        """The folders that were not stopped by a fact newer than this program."""
        return {folded.kind.name for folded in self._folded.get(partition, ())}

    def positions(self) -> dict[str, dict[TopicPartition, int]]:
        """Where each folder goes on, by its input partitions."""
        found: dict[str, dict[TopicPartition, int]] = {}
        for partition, folds in self._folded.items():
            for folded in folds:
                for topic in folded.kind.reads:
                    at = folded.vector.get(topic.name, 0)
                    found.setdefault(folded.kind.name, {})[TopicPartition(topic.name, partition)] = at
        return found

    async def wait(self) -> None:
        """Until the folding ends: by `stop`, by another `own`, or by an error, which is raised here."""
        task = self._task
        if task is not None:
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()

    def begin(self, partitions: Iterable[int]) -> None:
        """Forget everything: nothing of these partitions is folded yet."""
        self._folded = {p: [Folded(kind, {}) for kind in self._kinds] for p in partitions}
        self._written_at.clear()

    async def _run(self, partitions: list[int]) -> None:
        self.begin(partitions)
        reads = {topic.name for kind in self._kinds for topic in kind.reads}
        wanted = [TopicPartition(name, p) for name in sorted(reads) for p in partitions]
        if not wanted:
            self.recovered.set()
            return
        consumer = reader(self._settings, fetch_max_wait_ms=100)
        try:
            await consumer.start()
            began = time.monotonic()
            self._folded = await self._memories.load(consumer, wanted)
            read = 0
            async for record in read_to_end(consumer, wanted, self._starts()):
                await self.take(record)
                read += 1
            await self._write()
            self.recovered.set()
            log.info(
                "folders_recovered",
                records=read,
                snapshots=self._memories.loaded,
                seconds=round(time.monotonic() - began, 3),
            )
            await self._follow(consumer)
        except Exception as error:  # numbers that stand still in silence are worse than a restart
            self.failed(error)
            raise
        finally:
            await consumer.stop()

    def _starts(self) -> dict[TopicPartition, int]:
        """Where the first of the folders that read it goes on, of each topic partition."""
        starts: dict[TopicPartition, int] = {}
        for positions in self.positions().values():
            for tp, at in positions.items():
                starts[tp] = min(at, starts.get(tp, at))
        return starts

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            # One at a time, and values in between: facts wait for it, commands do not.
            remembered = await self._memories.write_one(self._folded)
            waiting = any(folded.changed for folds in self._folded.values() for folded in folds)
            timeout = 0 if remembered else WRITE_EVERY_S if waiting else 1.0
            batches = await consumer.getmany(timeout_ms=int(timeout * 1000), max_records=SLICE)
            for records in batches.values():
                metrics.BATCH_RECORDS.labels("folders").observe(len(records))
                for record in records:
                    await self.take(record)
            await self._write()

    async def take(self, record: ConsumerRecord) -> None:
        """Fold one record by every folder that reads its topic."""
        failpoints.passed("folders", "fetched")
        try:
            found = None if record.value is None else self._decoded.of(record)
        except Undecodable as error:
            metrics.DEAD_LETTERS.labels("folders").inc()
            await dead_letter(self._producer, self._settings, record, str(error), "folders")
            found = None
        reading = self._reading[record.topic]
        for folded in list(self._folded[record.partition]):
            if folded.kind.name not in reading:
                continue
            if record.offset < folded.vector.get(record.topic, 0):  # another folder remembers less
                continue
            if found is None:
                folded.skip(record.topic, record.offset, record.timestamp)
                continue
            try:
                folded.take(record.topic, record.offset, record.timestamp, found)
            except NewerThanReader as error:
                self._stop_one(folded, record, str(error))
            except Exception as error:  # a restart would meet it again, and the worker's agents with it
                reason = f"{folded.kind.name}: {type(error).__name__}: {error}"
                metrics.DEAD_LETTERS.labels("folders").inc()
                await dead_letter(self._producer, self._settings, record, reason, "folders")
                self._stop_one(folded, record, reason)
        self._bytes += len(record.value or b"")
        if self._bytes >= TURN_BYTES:
            self._bytes = 0
            await asyncio.sleep(0)

    def _stop_one(self, folded: Folded, record: ConsumerRecord, why: str) -> None:
        self._folded[record.partition].remove(folded)
        log.error(
            "folder_stopped",
            folder=folded.kind.name,
            partition=record.partition,
            what=f"{why}; its numbers stand still until a program that knows better is started",
        )

    async def _write(self) -> None:
        """Write every changed hotel that was not written a moment ago."""
        now = time.monotonic()
        sent = []
        for partition, folds in self._folded.items():
            for folded in folds:
                for property_id in sorted(folded.changed):
                    key = (folded.kind.name, property_id)
                    if now - self._written_at.get(key, -WRITE_EVERY_S) < WRITE_EVERY_S:
                        continue
                    self._written_at[key] = now
                    for state in folded.snapshot(property_id):
                        sent.append(
                            await self._producer.send(
                                folded.kind.state.name,
                                value=encode(state),
                                key=entity_key(property_id, state.kind, state.id),
                                partition=partition,
                            )
                        )
        if sent:
            failpoints.passed("folders", "snapshot_sent")
            await asyncio.gather(*sent)
            failpoints.passed("folders", "snapshot_acknowledged")


def _leave(error: BaseException) -> None:
    log.error("folders_failed", error=str(error))
    os._exit(3)
