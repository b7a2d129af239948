"""What a fact costs the room agent with more hotels, and with more history behind it; and its memory.

One worker on Kafka alone, fed one load after the other. The history is of stays that have ended: what is open
stays the same. Of history each figure is the median of three parts: a snapshot, which a partition writes once
in 20,000 facts, falls into one of them at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads
from infra.bench.alone import Alone, Process
from infra.bench.result import Result
from infra.runtime import kafka
from schemas import topics

HOTELS = (1, 10, 100, 1_000)
FACTS, BATCH = 20_000, 20
# Of the history: 50 years of a small hotel, ten hotels.
OLD, STAYS, TIMES = 10, 3_000, 10
STAYS_AT_ONCE = 5
LOADS = 3


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with alone.kafka(home) as stand, kafka.producer(stand.settings) as producer:
        return await measure(stand, producer, FACTS, STAYS)


async def measure(stand: Alone, producer: AIOKafkaProducer, facts: int, stays: int) -> Result:
    """The same, so large: facts of each number of hotels, stays of each load of history."""
    worker = stand.worker("rooms")
    try:
        warm = loads.hotels(10, "warm")
        await _cost(stand, producer, worker, _statuses(warm, facts))
        costs = {}
        for count in HOTELS:
            houses = loads.hotels(count, f"of-{count}")
            costs[f"us_a_fact_{count}_hotels"] = await _cost(
                stand, producer, worker, _statuses(houses, facts)
            )
        old = loads.hotels(OLD, "old")
        first = await _median(stand, producer, worker, old, 0, stays)
        memory = worker.memory()
        await _cost(stand, producer, worker, _stays(old, stays, stays * (TIMES - 1)))
        last = await _median(stand, producer, worker, old, stays * TIMES, stays)
        figures = {
            **costs,
            f"us_a_fact_{TIMES}_times_history": last,
            f"megabytes_{TIMES}_times_history": round(worker.memory() / 1e6, 1),
        }
    finally:
        await asyncio.to_thread(worker.stop)
    one = costs[f"us_a_fact_{HOTELS[0]}_hotels"]
    baseline = dict.fromkeys(costs, one) | {
        f"us_a_fact_{TIMES}_times_history": first,
        f"megabytes_{TIMES}_times_history": round(memory / 1e6, 1),
    }
    return Result("growth", figures, baseline)


async def _cost(
    stand: Alone, producer: AIOKafkaProducer, worker: Process, batches: Iterable[loads.Batched]
) -> float:
    """Microseconds of CPU a fact."""
    made = list(batches)
    facts = sum(len(record.facts) for _, _, record, _ in made)
    before = sum((await stand.ends(topics.ROOMS)).values())
    used = worker.cpu()
    await stand.say(producer, made)
    await stand.until(topics.ROOMS, before + len(made), worker)
    return round((worker.cpu() - used) * 1e6 / facts, 1)


async def _median(
    stand: Alone, producer: AIOKafkaProducer, worker: Process, houses: list[str], begin: int, stays: int
) -> float:
    """`_cost` of each of LOADS parts of so many stays, from stay `begin` on."""
    part = stays // LOADS
    return median(
        [
            await _cost(stand, producer, worker, _stays(houses, begin + number * part, part))
            for number in range(LOADS)
        ]
    )


def _statuses(houses: list[str], facts: int) -> Iterable[loads.Batched]:
    each = facts // len(houses)
    return (loads.intake(house, at, BATCH) for at in range(0, each, BATCH) for house in houses)


def _stays(houses: list[str], first: int, stays: int) -> Iterable[loads.Batched]:
    """`first` and `stays` are of all hotels together."""
    begin, end = first // len(houses), (first + stays) // len(houses)
    return (
        loads.stays(house, at, STAYS_AT_ONCE) for at in range(begin, end, STAYS_AT_ONCE) for house in houses
    )
