"""How long the room agent lets a command wait: while intake drains beside it, and after a kill -9."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from infra.bench import loads
from infra.bench.alone import GIVE_UP_SECONDS, Alone
from infra.bench.result import percentile, rate, times
from infra.runtime import kafka
from infra.runtime.problems import Problem
from schemas import topics
from schemas.codec import decode_as
from schemas.records.rooms import RoomsAnswer, RoomsCommand

BATCH = 100
RATE = 50.0
WARM = 50
# An answer to a command is smaller, one to a batch larger.
COMMAND_BYTES = 2_000


async def beside_intake(
    stand: Alone, producer: AIOKafkaProducer, houses: list[str], facts: int
) -> dict[str, float]:
    """`facts` lie on the log; while the agent takes them, RATE commands a second wait for their answers."""
    each = facts // len(houses)
    batches = (loads.intake(house, first, BATCH) for first in range(0, each, BATCH) for house in houses)
    before = sum((await stand.ends(topics.ROOMS)).values())
    count = await stand.say(producer, batches)
    worker = stand.worker("rooms")
    try:
        async with _listening(stand) as heard:
            await stand.until(topics.ROOMS, before + 1, worker)
            began = time.monotonic()
            draining = asyncio.create_task(stand.until(topics.ROOMS, before + count, worker))
            sent = await _ask(stand, producer, houses, draining)
            seconds = time.monotonic() - began
            waits = [await _answer(heard, one) - at for one, at in sent.items()]
    finally:
        worker.stop()
    found = {f"beside_intake_{name}": value for name, value in times(waits[WARM:]).items()}
    return found | {"intake_facts_per_second": rate(count * BATCH, seconds)}


async def after_kills(
    stand: Alone, producer: AIOKafkaProducer, houses: list[str], kills: int
) -> dict[str, float]:
    """Median of kill -9 to the answer of a command sent at once; the worker starts at once, too."""
    waits = []
    async with _listening(stand) as heard:
        worker = stand.worker("rooms")
        try:
            await _answer(heard, await _command(stand, producer, houses[0]))
            for _ in range(kills):
                await asyncio.sleep(random.uniform(1, 2))
                worker.kill()
                began = time.monotonic()
                worker = stand.worker("rooms")
                asked = await _command(stand, producer, random.choice(houses))
                waits.append(await _answer(heard, asked) - began)
        finally:
            worker.stop()
    return {"kill_to_answer_p50_seconds": round(percentile(waits, 0.5), 2)}


async def _ask(
    stand: Alone, producer: AIOKafkaProducer, houses: list[str], draining: asyncio.Task[int]
) -> dict[str, float]:
    """Commands until the intake is taken, WARM and more at least; when each was sent."""
    began = time.monotonic()
    sent: dict[str, float] = {}
    while not draining.done() or len(sent) < 2 * WARM:
        await asyncio.sleep(max(0.0, began + len(sent) / RATE - time.monotonic()))
        now = time.monotonic()
        sent[await _command(stand, producer, houses[len(sent) % len(houses)])] = now
    draining.result()
    return sent


async def _command(stand: Alone, producer: AIOKafkaProducer, house: str) -> str:
    """Sends one; its id. Housekeeping is what it says, so every one has an answer."""
    said = loads.status_command(house, random.randrange(loads.ROOMS))
    await stand.say(producer, [said])
    assert isinstance(said[2], RoomsCommand)
    return said[2].command_id


async def _answer(heard: dict[str, float], command_id: str) -> float:
    """When it came. Problem where it does not."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while command_id not in heard:
        if time.monotonic() > deadline:
            raise Problem(f"No answer to a command within {GIVE_UP_SECONDS:.0f} s.")
        await asyncio.sleep(0.001)
    return heard[command_id]


@asynccontextmanager
async def _listening(stand: Alone) -> AsyncIterator[dict[str, float]]:
    """When the answer to each command came, by the command's id."""
    heard: dict[str, float] = {}
    async with kafka.reader(stand.settings, fetch_max_wait_ms=5) as reader:
        reader.assign(kafka.partitions_of(stand.settings, topics.ROOMS))
        await reader.seek_to_end()
        task = asyncio.create_task(_listen(reader, heard))
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _listen(reader: AIOKafkaConsumer, heard: dict[str, float]) -> None:
    while True:
        found = await reader.getmany(timeout_ms=500)
        now = time.monotonic()
        for record in (one for batch in found.values() for one in batch):
            if len(record.value) < COMMAND_BYTES:
                heard[decode_as(record.value, topics.ROOMS, RoomsAnswer).causation_id] = now
