"""An import from file to tables: hotel's settings, bad rows, batches, then waiting until all is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.importer import hotel
from infra.importer.batches import batches, in_order
from infra.importer.bookings import LAYOUT
from infra.importer.reading import Bad, Good, read, size
from infra.importer.tables import Landed, Tables
from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.codec import encode
from schemas.ids import derived_id
from schemas.records.operations import DeadLetter

ACTOR = "import"
POLL_SECONDS = 0.25
# Agents fold their past for seconds after a kill; longer without any progress means that nobody works.
STALL_SECONDS = 120.0

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
    """What became of it. `facts_new` of `facts` were not known before."""

    property_id: str
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
    rows, wrong = _read(order, progress)
    for row in wrong:
        bad(row)
    await hotel.publish(settings, producer, order.property_id, order.rooms, order.zone.key)
    await _bury(settings, producer, order, wrong, tables)
    said = await asyncio.to_thread(in_order, rows, order.zone)
    known = await asyncio.to_thread(tables.known)
    summary = Summary(order.property_id, len(rows), len(wrong), len(said))
    partition = t.partition_of(order.property_id, settings.partitions)
    ids, sent = [], len(said) - sum(fact.fact_id not in known for fact in said)
    acks = []
    for batch, value in batches(said, order.property_id, ACTOR, known):
        ids.append(batch.batch_id)
        acks.append(
            await producer.send(
                t.ROOMS_INTAKE.name, value=value, key=order.property_id.encode(), partition=partition
            )
        )
        sent += len(batch.facts)
        progress("sending", sent, len(said))
        await asyncio.sleep(0)
    await asyncio.gather(*acks)
    summary.batches = len(ids)
    if ids:
        landed = await _wait(tables, ids, len(said), len(said) - sent, progress)
        summary.facts_new = landed.facts
    progress("landing", len(said), len(said))
    return summary


def _read(order: Order, progress: Progress) -> tuple[list[Good], list[Bad]]:
    rows: list[Good] = []
    wrong: list[Bad] = []
    lines = size(order.file)
    for number, row in enumerate(read(order.file, order.property_id), start=1):
        if isinstance(row, Good):
            rows.append(row)
        else:
            wrong.append(row)
        if number % 5_000 == 0:
            progress("reading", number, lines)
    progress("reading", lines, lines)
    return rows, wrong


async def _bury(
    settings: Settings, producer: AIOKafkaProducer, order: Order, wrong: list[Bad], tables: Tables
) -> None:
    """A dead letter for each bad row, once: its id derives from the row and where it stood."""
    letters = {derived_id("import", order.property_id, LAYOUT, row.line, row.raw.hex()): row for row in wrong}
    if not letters:
        return
    for event_id in await asyncio.to_thread(tables.known_letters, list(letters)):
        del letters[event_id]
    for event_id, row in letters.items():
        letter = DeadLetter(
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
        await producer.send(
            t.DEAD_LETTERS.name,
            value=encode(letter),
            key=order.property_id.encode(),
            partition=t.partition_of(order.property_id, settings.partitions),
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
