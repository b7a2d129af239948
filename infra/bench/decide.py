"""Commands through the real service agent; a command's wait while intake drains; kill -9 to the next answer.

One worker on Kafka alone. In the same run a bare loop takes as many commands off the log and sends as many
bytes as the agent answered, acks=all, deciding nothing.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads, raw, waiting
from infra.bench.alone import Alone
from infra.bench.result import Result, rate
from infra.runtime import kafka
from schemas import topics

HOTELS = 100
REQUESTS = 100
FACTS = 300_000
KILLS = 5


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with alone.kafka(home) as stand, kafka.producer(stand.settings) as producer:
        return await measure(stand, producer, HOTELS, REQUESTS, FACTS, KILLS)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, hotels: int, requests: int, facts: int, kills: int
) -> Result:
    """The same, so large."""
    houses = loads.hotels(hotels)
    await stand.say(producer, (said for house in houses for said in loads.settings(house)))
    await _come_on_duty(stand, producer, houses)
    figures, baseline = await _throughput(stand, producer, houses, requests)
    figures |= await waiting.beside_intake(stand, producer, houses, facts)
    figures |= await waiting.after_kills(stand, producer, houses, kills)
    return Result("decide", figures, baseline)


async def _come_on_duty(stand: Alone, producer: AIOKafkaProducer, houses: list[str]) -> None:
    before = sum((await stand.ends(topics.STAFF)).values())
    said = await stand.say(producer, (one for house in houses for one in loads.shifts(house)))
    worker = stand.worker("staff")
    try:
        await stand.until(topics.STAFF, before + said, worker)
    finally:
        worker.stop()


async def _throughput(
    stand: Alone, producer: AIOKafkaProducer, houses: list[str], requests: int
) -> tuple[dict[str, float], dict[str, float]]:
    before = sum((await stand.ends(topics.SERVICES)).values())
    said = (one for number in range(requests) for house in houses for one in loads.request(house, number))
    commands = await stand.say(producer, said)
    worker = stand.worker("services")
    try:
        first = await stand.until(topics.SERVICES, before + 1, worker)
        began, used = time.monotonic(), worker.cpu()
        last = await stand.until(topics.SERVICES, before + commands, worker)
        seconds, used = time.monotonic() - began, worker.cpu() - used
    finally:
        worker.stop()
    bare = await _bare(stand, last)
    figures = {
        "commands": float(commands),
        "per_second": rate(last - first, seconds),
        "per_cpu_second": rate(last - first, used),
    }
    return figures, {"per_cpu_second": bare}


async def _bare(stand: Alone, wanted: int) -> int:
    """Commands per CPU second of this process that takes them and sends what was answered."""
    async with kafka.reader(stand.settings) as reader:
        answers = [
            record.value
            async for record in kafka.read_to_end(
                reader, kafka.partitions_of(stand.settings, topics.SERVICES)
            )
        ]
    commands = kafka.partitions_of(stand.settings, topics.SERVICES_COMMANDS)
    settings = stand.settings
    async with raw.topic(settings) as name, kafka.reader(settings) as reader, kafka.producer(settings) as to:
        used = time.process_time()
        sent = []
        left = iter(answers)  # a tick that woke nobody has none
        async for _ in kafka.read_to_end(reader, commands):
            if (answer := next(left, None)) is not None:
                sent.append(await to.send(name, answer, partition=0))
            if len(sent) == 500:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)
        return rate(wanted, time.process_time() - used)
