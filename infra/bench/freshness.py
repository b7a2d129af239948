"""From a fact's place on the log to a reader's query that finds it, at a steady rate and beside an import.

A property system says RATE facts a second through room agent and sink. The baseline is the time from one such
query to the next: no fact can be seen sooner.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import clickhouse_connect
from aiokafka import AIOKafkaProducer, TopicPartition

from infra.bench import alone, loads
from infra.bench.alone import GIVE_UP_SECONDS, LOOK_SECONDS, Alone, Process
from infra.bench.result import Result, times
from infra.runtime import kafka
from infra.runtime.clickhouse import access
from infra.runtime.problems import Problem
from schemas import topics

RATE, BATCH = 500, 10
SECONDS = 20.0
IMPORTED, LARGE = 200_000, 100
# Records before these do not count: first calls import modules and fill caches.
WARM = 50
ASKED = (
    "SELECT maxIf(_offset, property_id = {p:String}), countIf(property_id = {b:String})"
    " FROM room_status_changes"
)


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with (
        alone.kafka(home) as bare,
        alone.warehouse(bare) as stand,
        kafka.producer(stand.settings) as producer,
    ):
        return await measure(stand, producer, SECONDS, IMPORTED)


async def measure(stand: Alone, producer: AIOKafkaProducer, seconds: float, imported: int) -> Result:
    """The same, for so long and beside so many facts."""
    house, busy = loads.hotels(2, "fresh")
    await stand.say(producer, (said for one in (house, busy) for said in loads.settings(one)))
    # Made before: it takes this process seconds in which its reader would not ask.
    much = stand.made(loads.intake(busy, first, LARGE) for first in range(0, imported, LARGE))
    parts = [stand.worker("rooms"), stand.start("infra.part", "sink")]
    seen = Seen()
    warm = (await stand.ends(topics.ROOMS))[topics.partition_of(house, stand.settings.partitions)] + WARM
    reader = asyncio.create_task(asyncio.to_thread(_read, stand, house, busy, seen))
    speaker = asyncio.create_task(_speak(stand, producer, house))
    try:
        await _until(lambda: bool(seen.found) and seen.found[-1][1] > warm, parts)
        calm = time.time()
        await _until(lambda: time.time() > calm + seconds, parts)
        busier = time.time()
        wanted = seen.rows_of_busy + imported
        await stand.send(producer, much)
        await _until(lambda: seen.rows_of_busy >= wanted, parts)
        end = time.time()
    finally:
        seen.enough = True
        speaker.cancel()
        await asyncio.gather(reader, speaker, return_exceptions=True)
        for part in parts:
            part.stop()
    logged = await _logged(stand, house)
    steady, beside = seen.waits(logged, calm, busier), seen.waits(logged, busier, end)
    figures = {**times(steady), "records": float(len(steady) + len(beside))}
    figures |= {f"beside_import_{name}": value for name, value in times(beside).items()}
    return Result("freshness", figures, times(seen.gaps(calm, busier)))


@dataclass(slots=True)
class Seen:
    """What the reader found, and when (s since 1970): the highest offset, and the busy hotel's rows."""

    found: list[tuple[float, int]] = field(default_factory=list)
    rows_of_busy: int = 0
    enough: bool = False

    def waits(self, logged: dict[int, float], begin: float, end: float) -> list[float]:
        """Seconds from broker time to found, of the records logged between two moments."""
        highest = [offset for _, offset in self.found]
        waits = []
        for offset, at in logged.items():
            place = bisect_left(highest, offset)
            if begin <= at < end and place < len(highest):
                waits.append(self.found[place][0] - at)
        return waits

    def gaps(self, begin: float, end: float) -> list[float]:
        """Seconds from one query's answer to the next."""
        turns = [at for at, _ in self.found if begin <= at < end]
        return [after - before for before, after in pairwise(turns)]


def _read(stand: Alone, house: str, busy: str, seen: Seen) -> None:
    client = clickhouse_connect.get_client(**access(stand.settings, reader=True))
    try:
        while not seen.enough:
            highest, rows = client.query(ASKED, parameters={"p": house, "b": busy}).result_rows[0]
            seen.found.append((time.time(), highest))
            seen.rows_of_busy = rows
    finally:
        client.close()


async def _speak(stand: Alone, producer: AIOKafkaProducer, house: str) -> None:
    began, first = time.monotonic(), 0
    while True:
        await asyncio.sleep(max(0.0, began + first / RATE - time.monotonic()))
        await stand.say(producer, [loads.intake(house, first, BATCH)])
        first += BATCH


async def _until(true: Callable[[], bool], parts: list[Process]) -> None:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not true():
        for part in parts:
            part.alive()
        if time.monotonic() > deadline:
            raise Problem(f"The rows did not come within {GIVE_UP_SECONDS:.0f} s.")
        await asyncio.sleep(LOOK_SECONDS)


async def _logged(stand: Alone, house: str) -> dict[int, float]:
    """The broker's time (seconds since 1970) of each answer of the hotel, by offset."""
    partition = topics.partition_of(house, stand.settings.partitions)
    async with kafka.reader(stand.settings) as reader:
        places = [TopicPartition(topics.ROOMS.name, partition)]
        found = kafka.read_to_end(reader, places)
        return {one.offset: one.timestamp / 1000 async for one in found if one.key == house.encode()}
