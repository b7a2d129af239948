"""The `.state` topic of one decider: where recovery starts, and the snapshots that let it.

Snapshots go by a producer of their own, piece by piece: the partition is looked at under the decider's lock,
and sent without it, so that no command waits for more than a slice (`streams/rules/marking.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from infra.runtime import failpoints
from infra.runtime.kafka import read_to_end
from infra.runtime.program import program
from schemas.codec import encode
from schemas.snapshots import Entities, Snapshot
from streams.rules import marking
from streams.rules.answering import Agent, Partition

# Facts and answers of a partition between two marks. Folding them takes 1 to 2 s; writing what they changed
# about as long, spread over slices, and an import of 340,000 facts does it 17 times.
MARK_EVERY = 20_000

log = structlog.get_logger()


class States:
    """Snapshots of the partitions this worker owns.

    `settled` waits for the answers under way, `refold` ends the process, `bury` keeps a dead letter.
    """

    def __init__(
        self,
        agent: Agent,
        producer: AIOKafkaProducer,
        lock: asyncio.Lock,
        settled: Callable[[], Awaitable[None]],
        refold: Callable[..., None],
        bury: Callable[[ConsumerRecord, str], Awaitable[None]],
    ) -> None:
        self._agent = agent
        self._producer = producer
        self._lock = lock
        self._settled = settled
        self._refold = refold
        self._bury = bury
        self._lying: dict[int, Entities] = {}
        self._ends: dict[int, int] = {}
        self._since: dict[int, int] = {}
        self._parts: Mapping[int, Partition] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def load(
        self, consumer: AIOKafkaConsumer, bounds: Mapping[int, tuple[int, int]]
    ) -> dict[int, Partition]:
        """Partitions as their last good marks say, new ones where there is none.

        `bounds`: partition -> begin and end of its fact topic.
        """
        await self._producer.flush()  # a piece under way when the task was stopped
        topic = self._agent.state
        found = {number: Snapshot(topic) for number in bounds}
        places = [TopicPartition(topic.name, number) for number in bounds]
        async for record in read_to_end(consumer, places):
            if reason := found[record.partition].take(record.offset, record.key, record.value):
                await self._bury(record, reason)
        ends = await consumer.end_offsets(places)
        parts = {}
        self._since = {}
        for number, snapshot in found.items():
            reason = snapshot.unfit(program(), *bounds[number])
            if reason or snapshot.mark is None:
                parts[number] = Partition(self._agent)
            else:
                parts[number] = marking.restored(self._agent, snapshot.mark, snapshot.marked())
            if reason and snapshot.end:
                log.warning("folding_in_full", agent=self._agent.name, partition=number, reason=reason)
            # What does not serve is written again at once.
            self._since[number] = MARK_EVERY if reason and snapshot.end else 0
            self._lying[number] = snapshot.lying()
            self._ends[number] = ends[TopicPartition(topic.name, number)]
        return parts

    def folded(self, number: int, facts: int) -> None:
        """An answer with so many facts was folded into a partition."""
        self._since[number] = self._since.get(number, 0) + 1 + facts
        if self._since[number] >= MARK_EVERY:
            self._wake.set()

    def start(self, parts: Mapping[int, Partition]) -> None:
        """Write a snapshot whenever a partition has gone far enough."""
        self._parts = parts
        if self._due():
            self._wake.set()
        self._task = asyncio.create_task(self._run(), name=f"{self._agent.name}-states")

    async def stop(self) -> None:
        """Write no more; a mark under way is not written."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _due(self) -> list[int]:
        return [number for number in self._parts if self._since.get(number, 0) >= MARK_EVERY]

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            for number in self._due():
                self._since[number] = 0
                await self._write(number)

    async def _write(self, number: int) -> None:
        pieces = marking.snapshot(
            self._parts[number], number, self._lying[number], self._ends[number], program()
        )
        count = 0
        while True:
            async with self._lock:
                piece = next(pieces, None)
            if piece is None:
                break
            await self._settled()  # it may hold what an answer says that Kafka does not have yet
            await self._send(number, piece)
            count += len(piece)
        log.info("state_marked", agent=self._agent.name, partition=number, records=count)

    async def _send(self, number: int, piece: marking.Piece) -> None:
        if not piece:
            await asyncio.sleep(0)
            return
        try:
            sent = [
                await self._producer.send(
                    self._agent.state.name,
                    key=key,
                    value=None if record is None else encode(record),
                    partition=number,
                )
                for key, record in piece
            ]
            failpoints.passed(self._agent.name, "snapshot_sent")
            places = await asyncio.gather(*sent)
        except Exception as error:  # whether it was written is unknown: the log knows
            self._refold(f"a state could not be sent: {type(error).__name__}: {error}")
            raise
        failpoints.passed(self._agent.name, "snapshot_acknowledged")
        for place in places:
            if place.offset != self._ends[number]:
                expected = self._ends[number]
                self._refold("another writer is on the state topic", expected=expected, got=place.offset)
            self._ends[number] += 1
