"""Old records, read once for all who want them: who reads the same part of a partition shares its blocks.

Whoever comes to where another one reads goes on with them from there, for the blocks are the same ones.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from gateway.cursor import LIVE_TOPICS
from gateway.ring import Event
from infra.runtime.kafka import partitions_of, reader
from infra.runtime.settings import Settings

log = structlog.get_logger()

# What one fetch brings, a larger batch of its writer apart: with BLOCKS of them a gateway's bound is 4 MiB of
# records, and as much again of events, however many clients read.
BLOCK_BYTES = 256 * 1024
BLOCK_RECORDS = 500
BLOCKS = 16
# Events are re-made as of now: for so long "now" may have been.
FRESH_SECONDS = 10.0
# What is asked for is there, so Kafka answers at once: in a second over the slowest line. Whoever turned to
# another place before would throw the answer away, and with two who do so nobody would ever read anything.
ANSWER_MS = 1_000
# A partition that does not answer, as one without a leader, is asked again ever later.
AGAIN_SECONDS, AGAIN_MOST_SECONDS = 1.0, 8.0


class Forgotten(Exception):
    """The log no longer reaches back to this cursor, or is another log: a snapshot has to do."""


@dataclass(slots=True)
class Block:
    """A partition's records from offset `start` up to `end`. `made`: their events, by hotel and offset."""

    start: int
    end: int
    records: Sequence[ConsumerRecord]
    read_at: float
    made: dict[tuple[str, int], list[Event]] = field(default_factory=dict)


class Blocks:
    """The newest of those read, of all partitions. One fetch at a time: partitions take turns.

    Of a partition who waits longest is next; one that does not answer keeps the readers of no other waiting.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: dict[tuple[TopicPartition, int], Block] = {}
        self._queues: defaultdict[TopicPartition, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._turn = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._reading: TopicPartition | None = None
        self._rest: asyncio.TimerHandle | None = None

    async def at(self, tp: TopicPartition, offset: int) -> Block:
        """The block with what is at this offset, or next after it. Forgotten where the log begins after it.

        Waits for as long as Kafka is away.
        """
        if (found := self._known(tp, offset)) is not None:
            return found
        again = AGAIN_SECONDS
        async with self._queues[tp]:  # whoever was before may have read just this
            while (found := self._known(tp, offset)) is None:
                async with self._turn:
                    found = await self._read(tp, offset)
                if found is not None:
                    return found
                await asyncio.sleep(again)
                again = min(2 * again, AGAIN_MOST_SECONDS)
        return found

    async def stop(self) -> None:
        """Leaves the log."""
        if self._rest is not None:
            self._rest.cancel()
        if self._consumer is not None:
            await self._consumer.stop()

    def _known(self, tp: TopicPartition, offset: int) -> Block | None:
        oldest = time.monotonic() - FRESH_SECONDS
        for (of, start), block in self._kept.items():
            if of == tp and start <= offset < block.end and block.read_at > oldest:
                return block
        return None

    async def _read(self, tp: TopicPartition, offset: int) -> Block | None:
        """None: Kafka did not answer yet."""
        if self._rest is not None:
            self._rest.cancel()
        try:
            consumer = self._consumer or await self._open()
            if self._reading != tp or await consumer.position(tp) != offset:
                self._turn_to(consumer, tp, offset)
            found = await consumer.getmany(tp, timeout_ms=ANSWER_MS, max_records=BLOCK_RECORDS)
            end = await consumer.position(tp)
        except OffsetOutOfRangeError as error:
            raise Forgotten(f"{tp.topic} {offset}") from error
        except (KafkaError, OSError) as error:
            log.warning("what is long ago could not be read", error=repr(error))
            end = offset
        finally:
            self._rest = asyncio.get_running_loop().call_later(FRESH_SECONDS, self._at_rest)
        if end == offset:
            await self._drop()
            return None
        block = Block(offset, end, found.get(tp, []), time.monotonic())
        self._kept.pop((tp, offset), None)  # a dict keeps the place of what is said again
        self._kept[tp, offset] = block
        if len(self._kept) > BLOCKS:
            del self._kept[next(iter(self._kept))]
        return block

    async def _open(self) -> AIOKafkaConsumer:
        consumer = reader(
            self._settings,
            fetch_max_wait_ms=50,
            max_partition_fetch_bytes=BLOCK_BYTES,
            # Else what retention took meanwhile would be left out without a word.
            auto_offset_reset="none",
        )
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        # All at once: of a topic that is not assigned aiokafka learns 0.1 s after it was first asked.
        places = partitions_of(self._settings, *LIVE_TOPICS)
        consumer.assign(places)
        for tp in places:
            consumer.seek(tp, 0)
        consumer.pause(*places)
        self._consumer = consumer
        return consumer

    async def _drop(self) -> None:
        """The next one reads by another consumer: of one whose own task ended nothing would ever come."""
        consumer, self._consumer, self._reading = self._consumer, None, None
        if consumer is not None:
            await consumer.stop()

    def _turn_to(self, consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> None:
        self._leave()
        consumer.seek(tp, offset)
        consumer.resume(tp)
        self._reading = tp

    def _leave(self) -> None:
        if self._consumer is not None and self._reading is not None:
            # What was fetched ahead goes: aiokafka would let all else wait 0.1 s for somebody to take it.
            self._consumer.seek(self._reading, 0)
            self._consumer.pause(self._reading)
            self._reading = None

    def _at_rest(self) -> None:
        """Nobody read for a while: nothing is asked of Kafka, and nothing kept."""
        self._kept.clear()
        self._leave()
