"""Is everything that came answered? Lag of each reader of a worker, and the end of one that stands still.

A stalled reader looks healthy from outside: the process lives and holds its partitions. So the worker ends
itself, with the stacks of all threads and tasks in its log; the next start folds the log and goes on.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from infra.runtime import metrics
from infra.runtime.kafka import reader
from infra.runtime.settings import Settings

LOOK_EVERY_S = 2.0
# 30 s. Looks are counted, not seconds: a machine that slept has not stalled.
STALL_LOOKS = 15
# The loop itself does not turn: a thread of the interpreter dumps the stacks and ends the process.
LOOP_STUCK_S = 60.0
EXIT_STALLED = 4

Positions = Mapping[str, Mapping[TopicPartition, int]]
"""reader -> where it goes on, by partition of its input topics."""

log = structlog.get_logger()


@dataclass(slots=True)
class Progress:
    """Looks at positions and the log's ends, pure. A reader stands still by topic: commands or intake."""

    still: dict[tuple[str, str], tuple[dict[TopicPartition, int], int]] = field(default_factory=dict)

    def look(
        self, positions: Positions, ends: Mapping[TopicPartition, int]
    ) -> list[tuple[str, dict[TopicPartition, int]]]:
        """Readers with work and no progress for STALL_LOOKS looks, and where they stand with work to do."""
        before, self.still = self.still, {}
        found = []
        for reader_name, places in positions.items():
            for topic in sorted({tp.topic for tp in places}):
                now = {tp: at for tp, at in places.items() if tp.topic == topic}
                behind = {tp: at for tp, at in now.items() if at < ends.get(tp, at)}
                if not behind:
                    continue
                last, looks = before.get((reader_name, topic), ({}, 0))
                looks = looks + 1 if last == now else 0
                self.still[reader_name, topic] = (now, looks)
                if looks >= STALL_LOOKS:
                    found.append((reader_name, behind))
        return found

    def age(self, reader_name: str) -> float:
        """Seconds for which this reader had work and made no progress on some topic."""
        looks = [looks for (name, _), (_, looks) in self.still.items() if name == reader_name]
        return max(looks, default=0) * LOOK_EVERY_S


def measure(positions: Positions, ends: Mapping[TopicPartition, int], progress: Progress) -> None:
    """Set the metrics of lag and age."""
    for reader_name, places in positions.items():
        metrics.lag(reader_name, ((tp.topic, ends.get(tp, at) - at) for tp, at in places.items()))
        metrics.COMMIT_AGE_SECONDS.labels(reader_name).set(progress.age(reader_name))


async def watch(
    settings: Settings, positions: Callable[[], Positions], every_s: float = LOOK_EVERY_S
) -> None:
    """Look for ever; ends the process where a reader stands still. Kafka away is no stall of ours."""
    progress = Progress()
    empty: dict[TopicPartition, int] = {}
    async with reader(settings) as consumer:
        try:
            while True:
                faulthandler.dump_traceback_later(LOOP_STUCK_S, exit=True)
                try:
                    await _look(consumer, positions(), progress, empty)
                except KafkaError as error:
                    log.warning("lag_unknown", error=str(error))
                    progress.still.clear()
                await asyncio.sleep(every_s)
        finally:
            faulthandler.cancel_dump_traceback_later()


async def _look(
    consumer: AIOKafkaConsumer, now: Positions, progress: Progress, empty: dict[TopicPartition, int]
) -> None:
    wanted = sorted({tp for places in now.values() for tp in places})
    ends = await consumer.end_offsets(wanted) if wanted else {}
    reached = {  # up to `empty` there is nothing to read
        name: {tp: max(at, min(empty.get(tp, 0), ends[tp])) for tp, at in places.items()}
        for name, places in now.items()
    }
    stalled = progress.look(reached, ends)
    measure(reached, ends, progress)
    for name, behind in stalled:
        for tp, at in behind.items():
            if await _record_at(consumer, tp, at):
                leave(name, tp, at, ends[tp])
            empty[tp] = ends[tp]


async def _record_at(consumer: AIOKafkaConsumer, tp: TopicPartition, at: int) -> bool:
    """Whether a record lies there: markers of transactions and compacted ranges move ends, too."""
    consumer.assign([tp])
    consumer.seek(tp, at)
    found = await consumer.getmany(timeout_ms=2000, max_records=1)
    return any(found.values())


def leave(name: str, tp: TopicPartition, at: int, end: int) -> None:
    """Say where everything stands, and end the process."""
    log.error("stalled", reader=name, topic=tp.topic, partition=tp.partition, at=at, end=end)
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    os._exit(EXIT_STALLED)
