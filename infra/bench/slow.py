"""A hundred of two thousand who do not read for a minute: what that costs the gateway, the others and them.

The baseline is the same gateway with the same two thousand while all of them read.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiokafka import AIOKafkaProducer

from gateway.ring import RING_EVENTS
from infra.bench import alone, loads
from infra.bench.alone import Alone, Process
from infra.bench.audience import Audience
from infra.bench.pinned import stage
from infra.bench.result import Result, times
from infra.bench.sockets import heard, hello, text

SOCKETS, STALLED, SECONDS, RATE = 2_000, 100, 60.0, 10.0
WARM_SECONDS = 2.0


async def run(home: Path) -> Result:
    """In `home`, an empty folder; the gateway on one core, everything else on the other."""
    async with stage(home) as (stand, producer, core):
        return await measure(stand, producer, SOCKETS, STALLED, SECONDS, core)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, sockets: int, stalled: int, seconds: float, core: int | None
) -> Result:
    """The same with so many, so many of whom do not read for so long; the gateway on `core`."""
    (house,) = loads.hotels(1, "slow")
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, 2)])
    async with alone.gateway(stand) as (beside, server):
        server.pin(core)
        # The ring is full of what nobody here hears: what grows from here on grows for who does not read.
        await stand.say(producer, [loads.message(house, 1, text()) for _ in range(RING_EVENTS)])
        people = [hello(beside, house, number, [0]) for number in range(sockets)]
        async with Audience("concierge", beside.settings.gateway_port, people) as audience:
            await _listen(stand, producer, house, audience, sockets, WARM_SECONDS, server)
            calm, before = await _listen(stand, producer, house, audience, sockets, seconds, server)
            await audience.heard(stalled)
            late, after = await _listen(stand, producer, house, audience, sockets - stalled, seconds, server)
            began = time.monotonic()
            already, _ = await audience.heard(0)
            await heard(audience, round(RATE * seconds) * stalled - already)
            whole = time.monotonic() - began
    figures = {
        **times(late),
        "kb_a_stalled_socket": round(max(0, after - before) / stalled / 1024, 1),
        "whole_again_seconds": round(whole, 2),
    }
    return Result("slow", figures, times(calm))


async def _listen(
    stand: Alone, producer: AIOKafkaProducer, house: str, audience: Audience, hearing: int, seconds: float,
    server: Process,
) -> tuple[list[float], int]:  # fmt: skip
    """(seconds that a sample of what so many hear was late, the most bytes of the gateway meanwhile)."""
    began, most = time.monotonic(), 0
    for turn in range(round(RATE * seconds)):
        await asyncio.sleep(max(0.0, began + turn / RATE - time.monotonic()))
        await stand.say(producer, [loads.message(house, 0, text())])
        if turn % RATE == 0:
            most = max(most, server.memory())
    late = await heard(audience, round(RATE * seconds) * hearing)
    return late, max(most, server.memory())
