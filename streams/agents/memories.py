"""Snapshots of one worker's folders on `folders.memory`: they save time, nothing but the facts is the truth.

They go by the producer of the deciders' snapshots, so that no answer waits behind a piece. Another writer
needs no fence: its pieces make a snapshot torn, and a whole one of its own is merely older.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from infra.runtime import failpoints, metrics
from infra.runtime.kafka import dead_letter, read_to_end
from infra.runtime.program import program
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode, encode
from schemas.ids import new_id
from schemas.records.folds import MemoryMark, MemoryPiece, Slot
from schemas.topics import FOLDERS_MEMORY
from streams.rules import remembering
from streams.rules.folding import Folded, Kind
from streams.rules.remembering import Memory

# Facts and records of a partition between two snapshots of a folder: folding them takes about a second.
EVERY = 20_000
# A snapshot is written whole, and grows with the history. So many bytes of the last one put the next off by a
# fact, else a long history would be written again and again.
FACT_BYTES = 200

log = structlog.get_logger()


class Memories:
    """Loads and writes what folders remember. `producer`: for dead letters; `snapshots`: for the rest."""

    def __init__(
        self,
        settings: Settings,
        kinds: Sequence[Kind],
        producer: AIOKafkaProducer,
        snapshots: AIOKafkaProducer,
    ) -> None:
        self._settings = settings
        self._kinds = tuple(kinds)
        self._producer = producer
        self._snapshots = snapshots
        self._last: dict[tuple[str, int], tuple[Slot, int]] = {}

        self.loaded = 0
        """How many snapshots served at the last start."""

    async def load(
        self, consumer: AIOKafkaConsumer, reads: Sequence[TopicPartition]
    ) -> dict[int, list[Folded]]:
        """Every folder over each partition of `reads`, as last remembered, new where that does not serve."""
        partitions = sorted({tp.partition for tp in reads})
        memories = {partition: Memory() for partition in partitions}
        self._last.clear()
        async for record in read_to_end(
            consumer, [TopicPartition(FOLDERS_MEMORY.name, partition) for partition in partitions]
        ):
            await self._take(memories[record.partition], record)
            await asyncio.sleep(0)
        begins, ends = await consumer.beginning_offsets(reads), await consumer.end_offsets(reads)
        found: dict[int, list[Folded]] = {}
        for partition in partitions:
            bounds = {tp.topic: (begins[tp], ends[tp]) for tp in reads if tp.partition == partition}
            memory = memories.pop(partition)
            found[partition] = [await self._recalled(kind, partition, memory, bounds) for kind in self._kinds]
        self.loaded = len(self._last)
        return found

    async def _take(self, memory: Memory, record: ConsumerRecord) -> None:
        if record.value is None:
            return
        try:
            memory.take(decode(record.value, FOLDERS_MEMORY))
        except Undecodable as error:
            metrics.DEAD_LETTERS.labels("folders").inc()
            await dead_letter(self._producer, self._settings, record, str(error), "folders")

    async def _recalled(
        self, kind: Kind, partition: int, memory: Memory, bounds: Mapping[str, tuple[int, int]]
    ) -> Folded:
        mark, reason = memory.newest(kind.name, program(), bounds)
        if mark is not None:
            folded = Folded(kind, dict(mark.vector), as_of=mark.as_of)
            size = 0
            try:
                for piece in memory.pieces(mark):
                    folded.recall(piece.property_id, piece.part, piece.chunk)
                    size += len(piece.chunk)
                    await asyncio.sleep(0)
            except Exception as error:  # whatever is wrong with it, the facts are right
                reason = f"{type(error).__name__}: {error}"
            else:
                self._last[kind.name, partition] = mark.slot, size
                return folded
        if reason:
            log.warning("folding_in_full", folder=kind.name, partition=partition, reason=reason)
        return Folded(kind, {})

    async def write_one(self, folded: Mapping[int, Sequence[Folded]]) -> bool:
        """Write a snapshot that is due, if there is one. Nothing may be folded meanwhile."""
        for partition, folds in folded.items():
            for one in folds:
                _, size = self._last.get((one.kind.name, partition), ("", 0))
                if one.since >= max(EVERY, size // FACT_BYTES):
                    await self._write(one, partition)
                    return True
        return False

    async def _write(self, folded: Folded, partition: int) -> None:
        name = folded.kind.name
        slot: Slot = "b" if self._last.get((name, partition), ("b", 0))[0] == "a" else "a"
        snapshot = new_id()
        folded.since = 0
        sent: list[asyncio.Future[object]] = []
        size = 0
        try:
            for piece in remembering.pieces(folded, partition, slot, snapshot):
                sent.append(await self._send(piece))
                failpoints.passed("folders", "piece_sent")
                size += len(piece.chunk)
                await asyncio.sleep(0)
            await asyncio.gather(*sent)
            failpoints.passed("folders", "pieces_acknowledged")
            mark = MemoryMark(
                folder=name,
                partition=partition,
                slot=slot,
                snapshot=snapshot,
                pieces=len(sent),
                program=program(),
                vector=dict(folded.vector),
                as_of=folded.as_of,
            )
            sent.append(await self._send(mark))
            failpoints.passed("folders", "mark_sent")
            await sent[-1]
            failpoints.passed("folders", "mark_acknowledged")
        except KafkaError as error:  # the one before is whole, and the next one comes
            await asyncio.gather(*sent, return_exceptions=True)
            log.warning("folder_not_remembered", folder=name, partition=partition, error=str(error))
            return
        self._last[name, partition] = slot, size
        log.info("folder_remembered", folder=name, partition=partition, pieces=mark.pieces, bytes=size)

    async def _send(self, record: MemoryPiece | MemoryMark) -> asyncio.Future[object]:
        future: asyncio.Future[object] = await self._snapshots.send(
            FOLDERS_MEMORY.name,
            key=remembering.key(record),
            value=encode(record),
            partition=record.partition,
        )
        return future
