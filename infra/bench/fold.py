"""Events a CPU second of a real folder, beside Faust with a table and Faust that does nothing: same topic.

Every event is an answer of the room agent with one fact, over many hotels.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from infra.bench import alone, loads
from infra.bench.alone import GIVE_UP_SECONDS, Alone, Process
from infra.bench.result import Result, rate
from infra.runtime import kafka
from infra.runtime.problems import Problem
from schemas import topics
from schemas.codec import decode_as
from schemas.records.folds import OccupancyState

HOTELS = 500
EVENTS = 60_000


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with alone.kafka(home) as stand, kafka.producer(stand.settings) as producer:
        return await measure(stand, producer, HOTELS, EVENTS)


async def measure(stand: Alone, producer: AIOKafkaProducer, hotels: int, events: int) -> Result:
    """The same, so large."""
    houses = loads.hotels(hotels)
    await stand.say(producer, (said for house in houses for said in loads.settings(house)))
    folded = await _folded(stand, producer, houses, events)
    stock = {what: await _stock(stand, what, events) for what in ("nothing", "table")}
    figures: dict[str, float] = {"events": float(events)}
    baseline: dict[str, float] = {
        f"{what}_per_cpu_second": rate(events, used) for what, used in stock.items()
    }
    figures |= dict.fromkeys(baseline, rate(events, folded))
    return Result("fold", figures, baseline)


async def _folded(stand: Alone, producer: AIOKafkaProducer, houses: list[str], events: int) -> float:
    """CPU seconds of a worker that has nothing to do but fold what comes."""
    worker = stand.worker("occupancy")
    try:
        async with kafka.reader(stand.settings, fetch_max_wait_ms=5) as reader:
            reader.assign(kafka.partitions_of(stand.settings, topics.OCCUPANCY_STATE))
            await reader.seek_to_beginning()
            await _until(reader, worker, dict.fromkeys(houses, 0))
            used = worker.cpu()
            answers = list(loads.answers(houses, events, await stand.ends(topics.ROOMS)))
            await stand.say(producer, answers)
            await _until(reader, worker, {house: said.expected + 1 for _, house, said, _ in answers})
            return worker.cpu() - used
    finally:
        worker.stop()


async def _until(reader: AIOKafkaConsumer, worker: Process, wanted: dict[str, int]) -> None:
    """Waits until each hotel's value reflects the facts below its offset."""
    left, deadline = set(wanted), time.monotonic() + GIVE_UP_SECONDS
    while left:
        for batch in (await reader.getmany(timeout_ms=200)).values():
            for record in batch:
                value = decode_as(record.value, topics.OCCUPANCY_STATE, OccupancyState)
                house, reached = value.property_id, value.vector.get(topics.ROOMS.name, 0)
                if house in left and reached >= wanted[house]:
                    left.discard(house)
        worker.alive()
        if time.monotonic() > deadline:
            raise Problem(f"{len(left)} hotels have no value after {GIVE_UP_SECONDS:.0f} s.")


async def _stock(stand: Alone, what: str, events: int) -> float:
    """CPU seconds of Faust as it comes."""
    process = stand.start("infra.bench.stock", what, str(events))
    try:
        return float(await asyncio.to_thread(process.said, GIVE_UP_SECONDS))
    finally:
        process.stop()
