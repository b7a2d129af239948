"""The sink's loop: fetch, make rows, insert, progress last; one write in flight while the next is made.

With several sinks each has some partition numbers (`share.py`). Before they go to another the write under way
is finished or given up; the next owner reads from ClickHouse where the tables are.

| dies after | what the next start does |
| --- | --- |
| fetch, rows made | reads the same records again from the progress rows |
| some inserts | tables say the highest offset they hold: those rows are not written again |
| all inserts, no progress | the same |
| progress | goes on behind it |
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.runtime import kafka, metrics, watchdog
from infra.runtime.problems import Problem
from infra.runtime.reach import Reach
from infra.runtime.settings import Settings
from streams.sinks import fits
from streams.sinks.batch import Batch
from streams.sinks.fits import Bound
from streams.sinks.reading import NAME, Reading
from streams.sinks.rebuild import Rebuild
from streams.sinks.rows import COLUMNS, TOPICS
from streams.sinks.shadow import drop_left
from streams.sinks.share import Share
from streams.sinks.warehouse import Progress, Warehouse
from streams.sinks.writer import FIRST_PAUSE_SECONDS, Patience, Writer

# Long enough that an idle sink costs little, short enough that one partition never waits for another's poll.
POLL_MS = 100
# How often an idle sink says that it is still complete.
HEARTBEAT_SECONDS = 2.0
# An insert that takes longer than several heartbeats is no answer; the client itself waits 30 s.
SILENT_SECONDS = 10.0
# Of a backlog of small records: one turn in a second, 2,000 of them were all that it caught up with.
MAX_RECORDS = 10_000
# 17 answers to import batches a partition; what one fetch brings over all partitions stays bounded.
PARTITION_FETCH_BYTES = 4 * 1024 * 1024
FETCH_BYTES = 16 * 1024 * 1024
# An insert costs the warehouse 10 ms whatever its size. The first records after a pause are written at once;
# while more come, one turn in this time. (Round trip at 50 commands/s, p50 / p99: 51 / 142 ms with every turn
# at once, 13 / 46 ms like this: the warehouse takes 17 % of a core instead of 52 %.) No longer for many rows:
# with a second a turn, a fact beside an import was seen after 1.9 / 2.6 s instead of 0.6 / 0.8 s, and the
# import of 340,000 facts used as much CPU.
GATHER_SECONDS = 0.25

log = structlog.get_logger()


class Sink:
    """One sink, of all partitions or of its share. `ready()` is for the probe."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        self._settings, self._stop = settings, stop
        self._share = Share(settings)
        self._patience = Patience(stop)
        self._reading: Reading | None = None
        self._reach = Reach()
        self._partitions: list[TopicPartition] = []
        self._marks: dict[tuple[str, str, int], int] = {}
        self._progress: dict[TopicPartition, Progress] = {}
        self._said = 0.0
        # The first offset that the tables do not hold yet, and when they were last complete up to there.
        self._written: dict[TopicPartition, int] = {}
        self._kept_at = time.monotonic()
        metrics.COMMIT_AGE_SECONDS.labels(NAME).set_function(lambda: time.monotonic() - self._kept_at)

    def ready(self) -> str | None:
        """None, or why the tables fall behind."""
        silent = time.monotonic() - self._kept_at
        if self._reading is not None and self._reading.held:
            return self._reading.held
        if self._patience.trouble is None and silent > SILENT_SECONDS:
            return f"the warehouse has not taken anything for {silent:.0f} s"
        return self._patience.trouble or self._reach.reason()

    async def run(self) -> None:
        """Until stopped. Problem: the log is shorter than the tables, or as `Share.check`.

        Newer: a record of a newer version.
        """
        opened = await self._open()
        if opened is None:
            return
        warehouse, bounds = opened
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, warehouse.close)
            consumer = await stack.enter_async_context(
                kafka.reader(
                    self._settings,
                    fetch_max_wait_ms=POLL_MS,
                    max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
                    fetch_max_bytes=FETCH_BYTES,
                )
            )
            producer = await stack.enter_async_context(kafka.producer(self._settings))
            await stack.enter_async_context(self._share)
            stack.push_async_callback(
                _cancel,
                asyncio.create_task(watchdog.watch(producer, self._settings, NAME)),
                asyncio.create_task(
                    self._reach.run(consumer, kafka.partitions_of(self._settings, *TOPICS)[:1])
                ),
            )
            self._reading = Reading(self._settings, consumer, producer, bounds)
            while (generation := await self._share.given(self._stop)) is not None:
                if await self._take(generation, warehouse, consumer):
                    writer = Writer(
                        self._settings, warehouse, self._share, generation, self._reading.dead, self._patience
                    )
                    rebuild = Rebuild(
                        self._settings,
                        partial(self._share.check, generation),
                        self._written,
                        self._marks,
                        bounds,
                        self._stop,
                    )
                    rebuilding = asyncio.create_task(rebuild.run())
                    try:
                        await self._turns(generation, consumer, writer, rebuild)
                    finally:
                        await _cancel(rebuilding)
                consumer.unsubscribe()

    async def _open(self) -> tuple[Warehouse, dict[str, list[Bound]]] | None:
        """The warehouse, when it answers, and what its columns hold; None: stopped."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            try:
                warehouse = await asyncio.to_thread(Warehouse, self._settings)
                return warehouse, fits.bounds(COLUMNS, await asyncio.to_thread(warehouse.types))
            except Exception as error:  # clickhouse-connect raises its own, urllib3's and OSError
                pause = await self._patience.wait(error, pause)
        return None

    async def _take(self, generation: int, warehouse: Warehouse, consumer: AIOKafkaConsumer) -> bool:
        """Reads how far the tables of these partitions are, and goes there. False: they are wanted back."""
        numbers = self._share.numbers
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set() and self._share.keeps(generation):
            try:
                await asyncio.to_thread(drop_left, warehouse, numbers)
                found = await asyncio.to_thread(warehouse.progress)
                self._marks = await asyncio.to_thread(warehouse.marks)
            except Exception as error:
                pause = await self._patience.wait(error, pause)
                continue
            every = kafka.partitions_of(self._settings, *TOPICS)
            self._partitions = [tp for tp in every if tp.partition in numbers]
            self._progress = {TopicPartition(topic, p): row for (topic, p), row in found.items()}
            self._written.clear()
            if self._partitions:
                await self._seek(consumer)
            self._patience.trouble, self._kept_at = None, time.monotonic()
            return True
        return False

    async def _turns(
        self, generation: int, consumer: AIOKafkaConsumer, writer: Writer, rebuild: Rebuild
    ) -> None:
        """Until stopped, or the partitions are wanted back; then nothing is in flight any more."""
        assert self._reading is not None
        writing: asyncio.Task[bool] | None = None
        try:
            while not self._stop.is_set() and self._share.keeps(generation):
                batches = []
                if self._partitions:
                    found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
                    if found:
                        rebuild.may.clear()
                    batches = await self._reading.batches(found, self._marks)
                    self._measure(consumer)
                else:  # more sinks than partitions: in reserve
                    await asyncio.sleep(POLL_MS / 1000)
                if writing is not None and (batches or writing.done()):
                    if not await writing:
                        break  # given up: what comes after it must not be written, either
                    writing = None
                if writing is None and not await rebuild.turn():
                    break
                if batches or (writing is None and time.monotonic() - self._said > HEARTBEAT_SECONDS):
                    progress = self._reached(consumer, batches)
                    writing = asyncio.create_task(self._write(writer, batches, progress))
                    writing.add_done_callback(lambda _: rebuild.may.set())
                    self._said = time.monotonic()
                if batches:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(GATHER_SECONDS):
                            await self._stop.wait()
        finally:
            if writing is not None:
                await writing

    async def _seek(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign(self._partitions)
        begins = await consumer.beginning_offsets(self._partitions)
        ends = await consumer.end_offsets(self._partitions)
        for tp in self._partitions:
            known = self._progress.get(tp)
            start = known.next_offset if known else 0
            if start > ends[tp]:
                raise Problem(
                    f"The warehouse holds {tp.topic}/{tp.partition} up to offset {start}, but the log ends "
                    f"at {ends[tp]}: they are not of one hotel group. Give both the data they had together."
                )
            if known and start < begins[tp]:
                log.warning("records expired before they were read", topic=tp.topic, first=begins[tp])
            start = max(start, begins[tp])
            consumer.seek(tp, start)
            if not known:
                self._progress[tp] = Progress(tp.topic, tp.partition, start, 0, 0)
            self._written[tp] = start

    def _reached(self, consumer: AIOKafkaConsumer, batches: list[Batch]) -> list[Progress]:
        """Progress rows for what the batches bring, and for partitions that are read to their end."""
        ends = {TopicPartition(b.topic, b.partition): b for b in batches}
        rows = []
        for tp in self._partitions:
            known, batch = self._progress[tp], ends.get(tp)
            next_offset = batch.next_offset if batch else known.next_offset
            logged_at = batch.logged_at if batch else known.logged_at
            until = known.complete_until
            high = consumer.highwater(tp)
            if high is not None and next_offset >= high:
                until = max(until, consumer.last_poll_timestamp(tp) or 0)
            row = Progress(tp.topic, tp.partition, next_offset, logged_at, max(until, logged_at))
            if row != known:
                self._progress[tp] = row
                rows.append(row)
        return rows

    def _measure(self, consumer: AIOKafkaConsumer) -> None:
        """What the log holds and the tables do not, whether it was fetched already or not."""
        behind = ((tp.topic, (consumer.highwater(tp) or 0) - at) for tp, at in self._written.items())
        metrics.lag(NAME, behind)

    async def _write(self, writer: Writer, batches: list[Batch], progress: list[Progress]) -> bool:
        """One turn, and what it changes here. False: given up, to be read again by whoever is next."""
        if not await writer.write(batches, progress, self._stop):
            return False
        self._wrote(batches, progress)
        return True

    def _wrote(self, batches: list[Batch], progress: list[Progress]) -> None:
        """The tables have it: the lines by which a record's place is followed to its rows."""
        self._kept_at = time.monotonic()
        for row in progress:
            self._written[TopicPartition(row.topic, row.partition)] = row.next_offset
        for batch in batches:
            log.info(
                "written",
                topic=batch.topic,
                partition=batch.partition,
                first_offset=batch.first_offset,
                next_offset=batch.next_offset,
                rows=batch.rows,
            )


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
