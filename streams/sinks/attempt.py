"""One partition of some tables, made anew from the log into shadows, in small steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.runtime import kafka
from infra.runtime.settings import Settings
from streams.sinks.batch import Batch, Insert
from streams.sinks.fits import Bound
from streams.sinks.held import Held
from streams.sinks.reading import made
from streams.sinks.rows import FACT_TOPICS, TOPICS
from streams.sinks.shadow import Shadow
from streams.sinks.warehouse import TOPIC_OF
from streams.sinks.writer import all_but_refused

# Rows of one insert: its columns are made under the interpreter's lock, which a live turn waits for.
MOST_ROWS = 5_000
# So long it makes rows before the sink's own turn may go on.
SLICE_SECONDS = 0.005


def topics_of(tables: Sequence[str]) -> list[str]:
    """The topics whose records become rows of these tables."""
    found = {TOPIC_OF[table] for table in tables if table in TOPIC_OF}
    if "decisions" in tables:
        found |= {topic.name for topic in FACT_TOPICS}
    return [topic.name for topic in TOPICS if topic.name in found]


class Attempt:
    """`at`: how far it is, per topic partition. `records`, `left_out`: how many it read, and had no rows for.

    What the log holds is made anew; rows of what it has let go, by retention or compaction, are taken over.
    """

    def __init__(
        self,
        settings: Settings,
        consumer: AIOKafkaConsumer,
        shadow: Shadow,
        tables: Sequence[str],
        partition: int,
        bounds: Mapping[str, list[Bound]],
    ) -> None:
        self._settings, self._consumer, self.shadow = settings, consumer, shadow
        self._tables, self._bounds = frozenset(tables), bounds
        self.at = {TopicPartition(topic, partition): 0 for topic in topics_of(tables)}
        self.records = self.left_out = 0

    async def advance(
        self, ends: Mapping[TopicPartition, int], say: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Up to these offsets; the tables themselves are at least as far. `say` is called now and then.

        Raises clickhouse-connect's errors, KafkaError, ShortRead, Newer, Refused where too much is refused;
        then the attempt is of no use any more.
        """
        wanted = [tp for tp, at in self.at.items() if at < ends[tp]]
        if not wanted:
            return
        held = {tp: Held() for tp in wanted}
        batches = {tp: Batch(tp.topic, tp.partition) for tp in wanted}
        began = time.perf_counter()
        async for record in kafka.read_to_end(self._consumer, wanted, start=self.at, ends=ends):
            tp = TopicPartition(record.topic, record.partition)
            held[tp].add(record.offset)
            place, rows, problem = made(record, self._bounds)
            batches[tp].add(place, [row for row in rows if row[0] in self._tables], {})
            self.records += 1
            self.left_out += bool(problem)
            if batches[tp].rows >= MOST_ROWS:
                await self._write(batches[tp])
                batches[tp] = Batch(tp.topic, tp.partition)
                began = 0.0
            if time.perf_counter() - began > SLICE_SECONDS:
                await (say() if say else asyncio.sleep(0))
                began = time.perf_counter()
        for tp in wanted:
            await self._write(batches[tp])
            for gap in held[tp].gaps(self.at[tp], ends[tp]):
                await asyncio.to_thread(self.shadow.take_over, tp.topic, gap)
                await (say() if say else asyncio.sleep(0))
            self.at[tp] = ends[tp]

    async def _write(self, batch: Batch) -> None:
        """All but what the warehouse refuses: that has its dead letter from when it was refused first."""

        async def left_out(_: Insert, __: str) -> None:
            self.left_out += 1

        most = self._settings.sink_dead_letters_most
        await all_but_refused(list(batch.inserts()), self.shadow.write, left_out, most)
