"""A worker killed with -9 that has a long log behind it: how long until it answers again.

The room agent alone on Kafka, fed by a property system. All facts were heard on one day, so it comes back
knowing the id of each: the same facts over months leave fewer.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads, waiting
from infra.bench.alone import Alone
from infra.bench.result import Result
from infra.runtime import kafka
from schemas import topics

FACTS = 10_000_000
HOTELS, BATCH = 100, 100
KILLS = 3
# Facts made before they are sent: 1 GB of them.
TURN = 500_000


async def run(home: Path) -> Result:
    """In `home`, an empty folder; 12 minutes, 10 GB."""
    async with alone.kafka(home) as stand, kafka.producer(stand.settings) as producer:
        return await measure(stand, producer, FACTS, KILLS)


async def measure(stand: Alone, producer: AIOKafkaProducer, facts: int, kills: int) -> Result:
    """The same, so large. Its baseline is the worker with a hundredth of it behind it."""
    houses = loads.hotels(HOTELS)
    await stand.say(producer, (said for house in houses for said in loads.settings(house)))
    few = max(facts // 100, HOTELS * BATCH)
    await _feed(stand, producer, houses, 0, few)
    baseline = await waiting.after_kills(stand, producer, houses, kills)
    await _feed(stand, producer, houses, few, facts)
    figures = await waiting.after_kills(stand, producer, houses, kills)
    return Result("restart", figures | {"facts": float(facts)}, baseline | {"facts": float(few)})


async def _feed(stand: Alone, producer: AIOKafkaProducer, houses: list[str], begin: int, end: int) -> None:
    """The facts from `begin` to `end` of all hotels together, taken by the agent, the next made meanwhile."""
    wanted = sum((await stand.ends(topics.ROOMS)).values())
    worker = stand.worker("rooms")
    try:
        for at in range(begin, end, TURN):
            to = min(at + TURN, end)
            first, last = at // len(houses), to // len(houses)
            sent = await stand.say(
                producer,
                (loads.intake(house, n, BATCH) for n in range(first, last, BATCH) for house in houses),
            )
            await stand.until(topics.ROOMS, wanted, worker)
            wanted += sent
            print(f"{to:,} of {end:,} facts", file=sys.stderr, flush=True)
        await stand.until(topics.ROOMS, wanted, worker)
    finally:
        await asyncio.to_thread(worker.stop)
