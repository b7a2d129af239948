"""One turn's write: repeated until the warehouse has it, records that it refuses buried."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from aiokafka import ConsumerRecord, TopicPartition

from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas.topics import DEAD_LETTERS
from streams.sinks.batch import Batch, Insert, split, without
from streams.sinks.share import Lost, Share
from streams.sinks.warehouse import Progress, Refused, Warehouse, first_line

FIRST_PAUSE_SECONDS = 0.2
# Longest pause between two tries while the warehouse is away.
MAX_BACKOFF_SECONDS = 5.0

log = structlog.get_logger()

Dead = Callable[[ConsumerRecord, str], Awaitable[None]]


class Patience:
    """`trouble`: why nothing is written at the moment, for the probe."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self.trouble: str | None = "starting"

    async def wait(self, error: Exception, pause: float) -> float:
        """Says why, waits, and returns the next pause."""
        sentence = first_line(error)
        what = "refuses rows" if isinstance(error, Refused) else "is away"
        self.trouble = f"the warehouse {what}: {sentence}"
        log.warning(f"warehouse {what}", error=sentence, again_in_seconds=pause)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stop.wait()
        return min(pause * 2, MAX_BACKOFF_SECONDS)


async def all_but_refused(
    inserts: list[Insert],
    write: Callable[[list[Insert]], None],
    bury: Callable[[Insert, str], Awaitable[None]],
    most: int,
) -> None:
    """Has `write`, which blocks, write all; `bury` gets the insert of one record that is refused, and why.

    Refused where it is more than `most` (0: any number): then it is not the records. Whatever is done is done
    in the order of offsets, and a record is buried before what comes after it is written.
    """
    refused = 0
    while True:
        try:
            await asyncio.to_thread(write, inserts)
            return
        except Refused as refusal:
            guilty = refusal.insert
            if guilty.offsets[0] < guilty.offsets[1]:
                inserts = split(inserts, guilty)
                continue
            refused += 1
            if refused > most > 0:
                raise
            await bury(guilty, str(refusal))
            inserts = without(inserts, guilty)


class Writer:
    """Writes for one generation of a share."""

    def __init__(
        self,
        settings: Settings,
        warehouse: Warehouse,
        share: Share,
        generation: int,
        dead: Dead,
        patience: Patience,
    ) -> None:
        self._settings, self._warehouse = settings, warehouse
        self._share, self._generation = share, generation
        self._dead, self._patience = dead, patience

    async def write(self, batches: list[Batch], progress: list[Progress], stop: asyncio.Event) -> bool:
        """Until the warehouse has it: while it is away the loop waits here and fetches nothing more.

        False: stopped, or the partitions are wanted back. Then no progress is said, and whoever has them next
        reads it again. Problem as `Share.check`.
        """
        inserts = [insert for batch in batches for insert in batch.inserts()]
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._insert(inserts, progress)
            except Problem:
                raise
            except Lost:
                return False
            except Exception as error:
                if stop.is_set() or not self._share.keeps(self._generation):
                    return False
                pause = await self._patience.wait(error, pause)
                continue
            self._patience.trouble = None
            return True

    async def _insert(self, inserts: list[Insert], progress: list[Progress]) -> None:
        """Writes all, but for records that the warehouse refuses: they are dead letters."""
        check = partial(self._share.check, self._generation)

        def write(left: list[Insert]) -> None:
            self._warehouse.write(left, progress, check)

        await all_but_refused(inserts, write, self._bury, self._settings.sink_dead_letters_most)

    async def _bury(self, guilty: Insert, why: str) -> None:
        """A dead letter for the one record of an insert; none about a dead letter, which would never end."""
        tp, offset = TopicPartition(guilty.topic, guilty.partition), guilty.offsets[0]
        reason = f"the warehouse refuses its rows of {guilty.table}: {why}"
        log.error("refused", topic=tp.topic, partition=tp.partition, offset=offset, reason=reason)
        with contextlib.suppress(LookupError):  # compacted away: a newer one says what holds
            if guilty.topic != DEAD_LETTERS.name:
                await self._dead(await kafka.record_at(self._settings, tp, offset), reason)
