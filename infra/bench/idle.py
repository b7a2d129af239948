"""Five thousand sockets on which nothing happens: what each costs in memory, and all of them at rest in CPU.

The baseline is a FastAPI app on uvicorn as it comes with as many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads, raw
from infra.bench.alone import Alone, Process
from infra.bench.audience import Audience
from infra.bench.pinned import stage
from infra.bench.result import Result
from infra.bench.sockets import hello
from infra.runtime.ports import free_row

# Each hears so many chats.
SOCKETS, CHATS = 5_000, 5
# Beats, pings, presence: all that recurs does so within 30 s.
REST_SECONDS = 60.0
SETTLE_SECONDS = 5.0


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with stage(home) as (stand, producer, core):
        return await measure(stand, producer, SOCKETS, REST_SECONDS, core)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, sockets: int, seconds: float, core: int | None
) -> Result:
    """The same with so many sockets at rest for so long."""
    (house,) = loads.hotels(1, "idle")
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, CHATS)])
    async with alone.gateway(stand) as (beside, server):
        server.pin(core)
        people = [hello(beside, house, number, range(CHATS)) for number in range(sockets)]
        figures = await _rest("concierge", beside.settings.gateway_port, people, server, seconds)
    async with raw.topic(stand.settings) as topic:
        server = stand.start("infra.bench.stock_sockets", topic, str(port := free_row()))
        try:
            await alone.listening(port, server)
            server.pin(core)
            baseline = await _rest("fastapi", port, [("", 0)] * sockets, server, seconds)
        finally:
            server.stop()
    return Result("idle", {"sockets": float(sockets), **figures}, baseline)


async def _rest(
    kind: str, port: int, people: Sequence[tuple[str, int]], server: Process, seconds: float
) -> dict[str, float]:
    before = server.memory()
    async with Audience(kind, port, people):
        await asyncio.sleep(SETTLE_SECONDS)
        used = server.cpu()
        await asyncio.sleep(seconds)
        return {
            "percent_of_a_core": round(100 * (server.cpu() - used) / seconds, 2),
            "kb_a_socket": round((server.memory() - before) / len(people) / 1024, 1),
        }
