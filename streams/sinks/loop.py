"""The sink's loop: fetch, make rows, insert, progress last; one write in flight while the next is made.

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
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from infra.runtime import failpoints, kafka, metrics, watchdog
from infra.runtime.problems import Problem
from infra.runtime.reach import Reach
from infra.runtime.settings import Settings
from schemas.codec import Undecodable
from schemas.topics import DEAD_LETTERS
from streams.sinks import fits
from streams.sinks.batch import Batch, Insert, split, without
from streams.sinks.fits import Bound, Unfit
from streams.sinks.limit import Limit
from streams.sinks.place import Place, Rows
from streams.sinks.rows import COLUMNS, TOPICS, Foreign, rows_of
from streams.sinks.warehouse import Progress, Refused, Warehouse, first_line

NAME = "sink"
# Long enough that an idle sink costs little, short enough that one partition never waits for another's poll.
POLL_MS = 100
# How often an idle sink says that it is still complete.
HEARTBEAT_SECONDS = 2.0
# An insert that takes longer than several heartbeats is no answer; the client itself waits 30 s.
SILENT_SECONDS = 10.0
MAX_RECORDS = 2_000
# 17 answers to import batches a partition; what one fetch brings over all partitions stays bounded.
PARTITION_FETCH_BYTES = 4 * 1024 * 1024
FETCH_BYTES = 16 * 1024 * 1024
# An insert costs the warehouse 10 ms whatever its size. The first records after a pause are written at once;
# while more come, one turn in this time. (Round trip at 50 commands/s, p50 / p99: 51 / 142 ms with every turn
# at once, 13 / 46 ms like this: the warehouse takes 17 % of a core instead of 52 %.) Many rows say that many
# more come: then fewer, larger inserts.
GATHER_SECONDS = 0.25
BULK_ROWS, BULK_SECONDS = 2_000, 1.0
# Longest pause between two tries while the warehouse is away.
MAX_BACKOFF_SECONDS = 5.0

log = structlog.get_logger()


class Sink:
    """One sink over all partitions. `ready()` is for the probe."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        self._settings, self._stop = settings, stop
        self._partitions = kafka.partitions_of(settings, *TOPICS)
        self._warehouse: Warehouse | None = None
        self._marks: dict[tuple[str, str, int], int] = {}
        self._bounds: dict[str, list[Bound]] = {}
        self._limits = {tp: Limit(settings.sink_dead_letters_most) for tp in self._partitions}
        self._held = ""
        self._progress: dict[TopicPartition, Progress] = {}
        self._trouble: str | None = "starting"
        self._said = 0.0
        self._reach = Reach()
        # The first offset that the tables do not hold yet, and when they were last complete up to there.
        self._written: dict[TopicPartition, int] = {}
        self._kept_at = time.monotonic()
        metrics.COMMIT_AGE_SECONDS.labels(NAME).set_function(lambda: time.monotonic() - self._kept_at)

    def ready(self) -> str | None:
        """None, or why the tables fall behind."""
        silent = time.monotonic() - self._kept_at
        if self._held:
            return self._held
        if self._trouble is None and silent > SILENT_SECONDS:
            return f"the warehouse has not taken anything for {silent:.0f} s"
        return self._trouble or self._reach.reason()

    async def run(self) -> None:
        """Until stopped. Problem: the log is shorter than the tables. Newer: a record of a newer version."""
        await self._open()
        if self._warehouse is None:
            return
        consumer = kafka.reader(
            self._settings,
            fetch_max_wait_ms=POLL_MS,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES,
        )
        producer = kafka.producer(self._settings)
        await consumer.start()
        await producer.start()
        others = [
            asyncio.create_task(watchdog.watch(producer, self._settings, NAME)),
            asyncio.create_task(self._reach.run(consumer, self._partitions[:1])),
        ]
        writing: asyncio.Task[None] | None = None
        try:
            await self._seek(consumer)
            self._trouble, self._kept_at = None, time.monotonic()
            while not self._stop.is_set():
                found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
                batches = await self._batches(found, consumer, producer)
                self._measure(consumer)
                if writing is not None and (batches or writing.done()):
                    await writing
                    writing = None
                if batches or (writing is None and time.monotonic() - self._said > HEARTBEAT_SECONDS):
                    progress = self._reached(consumer, batches)
                    writing = asyncio.create_task(self._write(batches, progress, producer))
                    self._said = time.monotonic()
                if batches:
                    bulk = sum(batch.rows for batch in batches) >= BULK_ROWS
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._stop.wait(), BULK_SECONDS if bulk else GATHER_SECONDS)
        finally:
            try:
                if writing is not None:
                    await writing
            finally:
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)
                await producer.stop()
                await consumer.stop()
                await asyncio.to_thread(self._warehouse.close)

    async def _open(self) -> None:
        pause = 0.2
        while not self._stop.is_set():
            try:
                self._warehouse = await asyncio.to_thread(Warehouse, self._settings)
                found = await asyncio.to_thread(self._warehouse.progress)
                self._marks = await asyncio.to_thread(self._warehouse.marks)
                self._bounds = fits.bounds(COLUMNS, await asyncio.to_thread(self._warehouse.types))
            except Exception as error:  # clickhouse-connect raises its own, urllib3's and OSError
                pause = await self._wait(error, pause)
                continue
            self._progress = {TopicPartition(topic, p): row for (topic, p), row in found.items()}
            return

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

    async def _batches(
        self,
        found: dict[TopicPartition, Sequence[ConsumerRecord]],
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
    ) -> list[Batch]:
        batches = []
        for tp, records in found.items():
            failpoints.passed(NAME, "fetched")
            batch = Batch(tp.topic, tp.partition)
            for record in records:
                if batch.full:
                    batches.append(batch)
                    batch = Batch(tp.topic, tp.partition)
                place = Place(tp.topic, tp.partition, record.offset, record.timestamp, record.key)
                rows, problem = self._rows(place, record.value)
                if not self._limits[tp].lets(bool(problem)):
                    self._hold(consumer, tp, record.offset, problem)
                    break
                if problem:
                    await self._dead(producer, record, problem)
                batch.add(place, rows, self._marks)
            if batch.records:
                batches.append(batch)
            failpoints.passed(NAME, "batch_built")
            metrics.BATCH_RECORDS.labels(NAME).observe(len(records))
            await asyncio.sleep(0)  # the probe answers also during a backlog
        return batches

    def _rows(self, place: Place, value: bytes | None) -> tuple[Rows, str]:
        """The record's rows, or why there are none."""
        try:
            rows = rows_of(place, value)
            fits.check(rows, self._bounds)
        except (Undecodable, Foreign, Unfit) as problem:
            return [], str(problem)
        return rows, ""

    async def _dead(self, producer: AIOKafkaProducer, record: ConsumerRecord, reason: str) -> None:
        await kafka.dead_letter(producer, self._settings, record, reason, NAME)
        metrics.DEAD_LETTERS.labels(NAME).inc()

    def _hold(self, consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int, problem: str) -> None:
        """Reads no further there until the next start: a bad deploy must not drain a topic."""
        consumer.pause(tp)
        consumer.seek(tp, offset)
        self._held = (
            f"{tp.topic}/{tp.partition} is held at offset {offset}, too many dead letters in a row "
            f"({problem[:200]}): start a sink that can read it, or with CONCIERGE_SINK_DEAD_LETTERS_MOST=0"
        )
        log.error("held", what=self._held)

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

    async def _write(
        self, batches: list[Batch], progress: list[Progress], producer: AIOKafkaProducer
    ) -> None:
        """Until the warehouse has it: while it is away the loop waits here and fetches nothing more."""
        inserts = [insert for batch in batches for insert in batch.inserts()]
        pause = 0.2
        while True:
            try:
                await self._insert(inserts, progress, producer)
            except Exception as error:
                if self._stop.is_set():
                    return  # not written, no progress said: the next start reads it again
                pause = await self._wait(error, pause)
                continue
            self._trouble = None
            self._wrote(batches, progress)
            return

    async def _insert(
        self, inserts: list[Insert], progress: list[Progress], producer: AIOKafkaProducer
    ) -> None:
        """Writes all, but for records that the warehouse refuses: they are dead letters.

        Refused where it refuses too many: then it is not the records. Whatever is done is done in the order
        of offsets, and what is a dead letter is sent before what comes after it is written.
        """
        assert self._warehouse is not None
        refused = 0
        while True:
            try:
                await asyncio.to_thread(self._warehouse.write, inserts, progress)
                return
            except Refused as refusal:
                guilty = refusal.insert
                if guilty.offsets[0] < guilty.offsets[1]:
                    inserts = split(inserts, guilty)
                    continue
                refused += 1
                if refused > self._settings.sink_dead_letters_most > 0:
                    raise
                await self._bury(guilty, str(refusal), producer)
                inserts = without(inserts, guilty)

    async def _bury(self, guilty: Insert, why: str, producer: AIOKafkaProducer) -> None:
        """A dead letter for the one record of an insert; none about a dead letter, which would never end."""
        tp, offset = TopicPartition(guilty.topic, guilty.partition), guilty.offsets[0]
        reason = f"the warehouse refuses its rows of {guilty.table}: {why}"
        log.error("refused", topic=tp.topic, partition=tp.partition, offset=offset, reason=reason)
        with contextlib.suppress(LookupError):  # compacted away: a newer one says what holds
            if guilty.topic != DEAD_LETTERS.name:
                await self._dead(producer, await kafka.record_at(self._settings, tp, offset), reason)

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

    async def _wait(self, error: Exception, pause: float) -> float:
        """Says why, waits, and returns the next pause."""
        sentence = first_line(error)
        what = "refuses rows" if isinstance(error, Refused) else "is away"
        self._trouble = f"the warehouse {what}: {sentence}"
        log.warning(f"warehouse {what}", error=sentence, again_in_seconds=pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), pause)
        return min(pause * 2, MAX_BACKOFF_SECONDS)
