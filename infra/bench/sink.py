"""Rows a CPU second of the real sink, beside a loop of the same rows that promises nothing.

The loop takes them from the same topic to the same tables, as they come: no marks, no tokens, no limits, no
progress. What the warehouse uses is in neither figure.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads
from infra.bench.alone import GIVE_UP_SECONDS, LOOK_SECONDS, Alone, Process
from infra.bench.result import Result, rate
from infra.runtime import kafka
from infra.runtime.problems import Problem
from schemas import topics
from streams.sinks.place import Place
from streams.sinks.rows import COLUMNS, rows_of
from streams.sinks.warehouse import connect

HOTELS = 100
ANSWERS = 30_000
TABLES = ("room_status_changes", "decisions")
# Once the sink has read all there is, it says so.
KEPT = "SELECT count() FROM progress WHERE topic = 'rooms' AND complete_until > now() - INTERVAL 3 SECOND"
COUNTED = "SELECT (SELECT count() FROM room_status_changes) + (SELECT count() FROM decisions)"


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with (
        alone.kafka(home) as bare,
        alone.warehouse(bare) as stand,
        kafka.producer(stand.settings) as producer,
    ):
        return await measure(stand, producer, HOTELS, ANSWERS)


async def measure(stand: Alone, producer: AIOKafkaProducer, hotels: int, answers: int) -> Result:
    """The same, so large. The rows of the loop stay in the tables."""
    warehouse = await asyncio.to_thread(connect, stand.settings)
    ends = await stand.ends(topics.ROOMS)
    said = list(loads.answers(loads.hotels(hotels), answers, ends))
    rows = answers * len(TABLES)
    sink = stand.start("infra.part", "sink")
    try:
        await _until(warehouse, KEPT, 1, sink)
        before = await asyncio.to_thread(_count, warehouse, COUNTED)
        began, used = time.monotonic(), sink.cpu()
        await stand.say(producer, said)
        await _until(warehouse, COUNTED, before + rows, sink)
        seconds, used = time.monotonic() - began, sink.cpu() - used
    finally:
        sink.stop()
    bare = await _bare(stand, warehouse, ends)
    await asyncio.to_thread(warehouse.close)
    figures = {
        "rows": float(rows),
        "per_second": rate(rows, seconds),
        "per_cpu_second": rate(rows, used),
    }
    return Result("sink", figures, {"per_cpu_second": rate(rows, bare)})


async def _until(warehouse: Any, counted: str, wanted: int, sink: Process) -> None:
    """Waits until the tables have so many rows."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        found = await asyncio.to_thread(_count, warehouse, counted)
        if found >= wanted:
            return
        sink.alive()
        if time.monotonic() > deadline:
            raise Problem(f"The tables have {found} of {wanted} rows after {GIVE_UP_SECONDS:.0f} s.")
        await asyncio.sleep(LOOK_SECONDS)


def _count(warehouse: Any, counted: str) -> int:
    return int(warehouse.query(counted).result_rows[0][0])


async def _bare(stand: Alone, warehouse: Any, begins: dict[int, int]) -> float:
    """CPU seconds of this process for the same rows. `begins`: where each partition's records begin."""
    types = {
        table: warehouse.create_insert_context(table, column_names=COLUMNS[table]).column_types
        for table in TABLES
    }
    used = time.process_time()
    async with kafka.reader(stand.settings) as reader:
        places = kafka.partitions_of(stand.settings, topics.ROOMS)
        reader.assign(places)
        left = sum((await reader.end_offsets(places)).values()) - sum(begins.values())
        for tp in places:
            reader.seek(tp, begins[tp.partition])
        while left:
            lines: dict[str, list[Any]] = defaultdict(list)
            for record in _records(await reader.getmany(timeout_ms=200, max_records=2_000)):
                place = Place(record.topic, record.partition, record.offset, record.timestamp, record.key)
                for table, row in rows_of(place, record.value):
                    lines[table].append(row)
                left -= 1
            for table, rows in lines.items():
                columns = list(zip(*rows, strict=True))
                await asyncio.to_thread(_insert, warehouse, table, columns, types[table])
    return time.process_time() - used


def _records(found: dict[Any, Any]) -> Iterator[Any]:
    return (record for batch in found.values() for record in batch)


def _insert(warehouse: Any, table: str, columns: list[Any], types: list[Any]) -> None:
    warehouse.insert(table, columns, column_names=COLUMNS[table], column_types=types, column_oriented=True)
