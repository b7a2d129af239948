"""The warehouse is away while facts go on coming: how soon the sink is where the log is, and what it holds.

Facts come at RATE a second all the time, before, meanwhile and after. It has caught up once it is no more
than a second of that behind. The baseline of the rate is that input, of the memory the sink before the
warehouse went away.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads
from infra.bench.alone import LOOK_SECONDS, Alone, Made, Process
from infra.bench.result import Result
from infra.runtime import kafka
from infra.runtime.problems import Problem
from schemas import topics
from streams.sinks.warehouse import connect

HOTELS = 100
RATE = 1_000
CALM_SECONDS, AWAY_SECONDS, AFTER_SECONDS = 5.0, 60.0, 60.0
# Facts sent at once: ten times a second.
TURNS = 10
COUNTED = "SELECT count() FROM room_status_changes"
MEGABYTE = 1_000_000


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with (
        alone.kafka(home) as bare,
        alone.warehouse(bare) as stand,
        kafka.producer(stand.settings) as producer,
    ):
        return await measure(stand, producer, RATE, AWAY_SECONDS)


async def measure(stand: Alone, producer: AIOKafkaProducer, rate: int, away: float) -> Result:
    """The same, at this rate and for so long."""
    assert stand.engine is not None
    house = await asyncio.to_thread(connect, stand.settings)
    many = round(rate * (CALM_SECONDS + away + AFTER_SECONDS))
    ends = await stand.ends(topics.ROOMS)
    steady = Steady(stand, producer, stand.made(loads.answers(loads.hotels(HOTELS), many, ends)), rate)
    sink = stand.start("infra.part", "sink")
    speaking = asyncio.create_task(steady.speak())
    try:
        before = await asyncio.to_thread(_count, house)
        while steady.sent < rate * CALM_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            steady.alive(sink)
        held, stood = sink.memory(), await asyncio.to_thread(_count, house)
        stand.engine.pause()
        peak, went = held, time.monotonic()
        while time.monotonic() < went + away:
            await asyncio.sleep(LOOK_SECONDS)
            peak = max(peak, sink.memory())
        stand.engine.resume()
        back = time.monotonic()
        while (found := await asyncio.to_thread(_count, house)) - before < steady.sent - rate:
            peak = max(peak, sink.memory())
            steady.alive(sink)
        seconds = time.monotonic() - back
    finally:
        stand.engine.resume()
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        sink.stop()
        await asyncio.to_thread(house.close)
    figures = {
        "seconds": round(seconds, 2),
        "facts_per_second": round((found - stood) / max(seconds, LOOK_SECONDS)),
        "megabytes": round(peak / MEGABYTE, 1),
    }
    baseline = {"facts_per_second": float(rate), "megabytes": round(held / MEGABYTE, 1)}
    return Result("catchup", figures, baseline)


@dataclass(slots=True)
class Steady:
    """Says what was made, so much a second; `sent`: so far."""

    stand: Alone
    producer: AIOKafkaProducer
    made: list[Made]
    rate: int
    sent: int = 0

    async def speak(self) -> None:
        """To the end of it."""
        began = time.monotonic()
        while self.sent < len(self.made):
            await asyncio.sleep(max(0.0, began + self.sent / self.rate - time.monotonic()))
            turn = self.made[self.sent : self.sent + max(1, self.rate // TURNS)]
            self.sent += await self.stand.send(self.producer, turn)

    def alive(self, sink: Process) -> None:
        """Problem where the sink ended, or there is no more to say before it has caught up."""
        sink.alive()
        if self.sent >= len(self.made):
            raise Problem(f"The sink had not caught up {AFTER_SECONDS:.0f} s after the warehouse came back.")


def _count(house: Any) -> int:
    return int(house.query(COUNTED).result_rows[0][0])
