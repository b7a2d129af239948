"""An import from file to tables: hotel's settings, bad rows, batches, then waiting until all is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.importer import hotel
from infra.importer.batches import batches
from infra.importer.bookings import LAYOUT, facts
from infra.importer.reading import Bad, Good, check, read, size
from infra.importer.spool import Spool
from infra.importer.tables import Landed, Tables
from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.codec import encode
from schemas.ids import derived_id
from schemas.records.operations import DeadLetter

ACTOR = "import"
# A look costs 50 ms of the two cores that the import itself needs.
POLL_SECONDS = 1.0
# Agents fold their past for seconds after a kill; longer without any progress means that nobody works.
STALL_SECONDS = 120.0
# Ids in one question to the warehouse: they travel in the address, which may have 1 MiB.
ASKED = 1_000
# Batches of 256 KiB that wait for their acknowledgement.
IN_FLIGHT = 64

# (step, done, of all): reading, sending, landing.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: this file into that hotel."""

    file: Path
    property_id: str
    rooms: int
    zone: ZoneInfo


@dataclass(slots=True)
class Summary:
    """What became of it. `facts_new` of `facts` were not known before; `hotel_changed`: its settings were."""

    property_id: str
    hotel_changed: bool
    rows: int = 0
    bad_rows: int = 0
    facts: int = 0
    facts_new: int = 0
    batches: int = 0
    seconds: float = 0.0

    def json(self) -> dict[str, Any]:
        return asdict(self)


async def run(settings: Settings, order: Order, progress: Progress, bad: Callable[[Bad], None]) -> Summary:
    """Imports and returns when all of it is in the tables. Raises Problem; safe to run again."""
    began = time.monotonic()
    await asyncio.to_thread(check, order.file)
    partition = t.partition_of(order.property_id, settings.partitions)
    tables = await asyncio.to_thread(Tables, settings, order.property_id, partition)
    producer = kafka.producer(settings, max_batch_size=1024 * 1024)
    try:
        await producer.start()
    except KafkaError as error:
        raise Problem(
            f"Kafka at {settings.kafka_bootstrap} does not answer: start it with `concierge up`."
        ) from error
    try:
        summary = await _import(settings, order, progress, bad, tables, producer)
    except KafkaError as error:
        raise Problem(
            f"Kafka at {settings.kafka_bootstrap} did not take it ({error}): import again; "
            "what is done stays done."
        ) from error
    finally:
        await producer.stop()
        await asyncio.to_thread(tables.close)
    summary.seconds = round(time.monotonic() - began, 2)
    return summary


async def _import(
    settings: Settings,
    order: Order,
    progress: Progress,
    bad: Callable[[Bad], None],
    tables: Tables,
    producer: AIOKafkaProducer,
) -> Summary:
    with Spool() as spool:
        rows, wrong = await asyncio.to_thread(fill, spool, order, progress, bad)
        made = await hotel.publish(settings, producer, order.property_id, order.rooms, order.zone.key)
        await _bury(settings, producer, order, spool, tables)
        await asyncio.to_thread(lambda: spool.know(tables.known()))
        said, news = await asyncio.to_thread(spool.counts)
        summary = Summary(order.property_id, made, rows, wrong, said)
        progress("sending", 0, news)
        ids = await _send(settings, producer, order, spool, lambda sent: progress("sending", sent, news))
    summary.batches = len(ids)
    before = said - news
    for start in range(0, len(ids), ASKED):
        landed = await _wait(tables, ids[start : start + ASKED], said, before, progress)
        summary.facts_new += landed.facts
        before += landed.facts
    progress("landing", said, said)
    return summary


def fill(spool: Spool, order: Order, progress: Progress, bad: Callable[[Bad], None]) -> tuple[int, int]:
    """The file's facts and bad rows into the spool. How many rows are good, and bad. Raises Problem."""
    good = wrong = 0
    lines = size(order.file)
    for row in read(order.file, order.property_id, spool.nth):
        if isinstance(row, Good):
            good += 1
            spool.add(facts(row.key, row.booking, order.zone))
        else:
            wrong += 1
            spool.reject(row)
            bad(row)
        if (good + wrong) % 5_000 == 0:
            progress("reading", good + wrong, lines)
    progress("reading", lines, lines)
    return good, wrong


async def _send(
    settings: Settings, producer: AIOKafkaProducer, order: Order, spool: Spool, sent: Callable[[int], None]
) -> list[str]:
    """All news, acknowledged by the log; the ids of their batches."""
    partition = t.partition_of(order.property_id, settings.partitions)
    ids: list[str] = []
    acks: list[asyncio.Future[Any]] = []
    count = 0
    for batch, value in batches(spool.news(), order.property_id, ACTOR):
        ids.append(batch.batch_id)
        ack = await producer.send(
            t.ROOMS_INTAKE.name, value=value, key=order.property_id.encode(), partition=partition
        )
        acks.append(ack)
        count += len(batch.facts)
        sent(count)
        if len(acks) == IN_FLIGHT:
            await asyncio.gather(*acks)
            acks.clear()
    await asyncio.gather(*acks)
    return ids


async def _bury(
    settings: Settings, producer: AIOKafkaProducer, order: Order, spool: Spool, tables: Tables
) -> None:
    """A dead letter for each bad row, once: its id derives from the row and where it stood."""
    rejected = spool.rejected()
    while rows := list(islice(rejected, ASKED)):
        letters = {
            derived_id("import", order.property_id, LAYOUT, row.line, row.raw.hex()): row for row in rows
        }
        for event_id in await asyncio.to_thread(tables.known_letters, list(letters)):
            del letters[event_id]
        acks = [
            await producer.send(
                t.DEAD_LETTERS.name,
                value=encode(_letter(order, event_id, row)),
                key=order.property_id.encode(),
                partition=t.partition_of(order.property_id, settings.partitions),
            )
            for event_id, row in letters.items()
        ]
        await asyncio.gather(*acks)


def _letter(order: Order, event_id: str, row: Bad) -> DeadLetter:
    return DeadLetter(
        event_id=event_id,
        property_id=order.property_id,
        topic=f"import/{LAYOUT}",
        partition=0,
        offset=row.line,
        key=order.file.name.encode()[:200],
        value=row.raw,
        reason=f"line {row.line}: {row.reason}",
        found_by=ACTOR,
        at=int(time.time() * 1000),
    )


async def _wait(tables: Tables, ids: list[str], facts: int, before: int, progress: Progress) -> Landed:
    """Until every batch is answered by the room agent and written by the sink."""
    landed, moved = Landed(-1, 0, False), time.monotonic()
    while True:
        found = await asyncio.to_thread(tables.landed, ids)
        if found.written:
            return found
        if found.batches > landed.batches:
            landed, moved = found, time.monotonic()
            progress("landing", before + found.facts, facts)
        if time.monotonic() - moved > STALL_SECONDS:
            raise Problem(
                f"{len(ids) - max(0, landed.batches)} of {len(ids)} batches are on the log, but nothing "
                f"moved for {STALL_SECONDS:.0f} s: check with `concierge doctor` that the room agent and the "
                "sink run, then import again; what is done stays done."
            )
        await asyncio.sleep(POLL_SECONDS)
