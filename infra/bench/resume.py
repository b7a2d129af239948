"""Who comes back: one client that missed very much, several that missed the same, a thousand at once.

What was missed beyond the newest events of a hotel is read off Kafka, once for all. The baseline is a client
that was there all the time and heard the same live. The thousand come after a gateway died.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads
from infra.bench.alone import Alone, Process
from infra.bench.audience import Audience
from infra.bench.crowd import PATHS
from infra.bench.result import Result, rate
from infra.bench.sockets import heard, hello, text
from infra.runtime import kafka

MISSED, TOGETHER, CLIENTS, MEANWHILE = 100_000, 20, 1_000, 100
AT_ONCE = 5_000


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with alone.kafka(home) as stand, kafka.producer(stand.settings) as producer:
        return await measure(stand, producer, MISSED, CLIENTS, MEANWHILE)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, missed: int, clients: int, meanwhile: int
) -> Result:
    """The same with so many events missed, so many clients, and so many events while the gateway is away."""
    (house,) = loads.hotels(1, "resume")
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, 1)])
    async with alone.gateway(stand) as (beside, server):
        port = beside.settings.gateway_port
        before = await _cursor(beside, house)
        async with Audience("concierge", port, [hello(beside, house, 0, [0])]) as audience:
            began = time.monotonic()
            await _say(stand, producer, house, missed * 4 // 5)
            late = await _cursor(beside, house)
            await _say(stand, producer, house, missed - missed * 4 // 5)
            await heard(audience, missed)
            live = time.monotonic() - began
        at_rest, most = server.memory(), list[int]()
        looking = asyncio.create_task(_look(server, most))
        async with Audience("concierge", port, [hello(beside, house, 0, [0], before)]) as audience:
            began = time.monotonic()  # a process that starts is not what is measured
            await heard(audience, missed)
        alone_seconds = time.monotonic() - began
        people = [hello(beside, house, number, [0], late) for number in range(TOGETHER)]
        wanted = TOGETHER * (missed - missed * 4 // 5)
        together_seconds = await _all_back(port, people, wanted)
        looking.cancel()
        before = await _cursor(beside, house)
        server.kill()
        await _say(stand, producer, house, meanwhile)
        again = beside.start("infra.part", "gateway")
        try:
            await alone.listening(port, again)
            people = [hello(beside, house, number, [0], before) for number in range(clients)]
            back_seconds = await _all_back(port, people, clients * meanwhile)
        finally:
            again.stop()
    figures = {
        "events_per_second": float(rate(missed, alone_seconds)),
        "together_events_per_second": float(rate(wanted, together_seconds)),
        "kb_a_reader": round(max(0, max(most) - at_rest) / TOGETHER / 1024, 1),
        "clients": float(clients),
        "all_back_seconds": round(back_seconds, 2),
    }
    return Result("resume", figures, {"events_per_second": float(rate(missed, live))})


async def _all_back(port: int, people: Sequence[tuple[str, int]], wanted: int) -> float:
    """Seconds until all are connected and have all that they missed."""
    began = time.monotonic()
    async with Audience("concierge", port, people) as audience:
        await heard(audience, wanted)
        return time.monotonic() - began


async def _look(server: Process, found: list[int]) -> None:
    """Bytes of memory, again and again."""
    while True:
        found.append(server.memory())
        await asyncio.sleep(0.05)


async def _say(stand: Alone, producer: AIOKafkaProducer, house: str, count: int) -> None:
    for first in range(0, count, AT_ONCE):
        said = [loads.message(house, 0, text()) for _ in range(min(AT_ONCE, count - first))]
        await stand.say(producer, said)


async def _cursor(stand: Alone, house: str) -> str:
    """Where the chat is now."""
    opening, _ = hello(stand, house, 1, [0])
    url = f"http://127.0.0.1:{stand.settings.gateway_port}{PATHS['concierge']}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket, asyncio.timeout(30):
        await socket.send_str(opening)
        while (frame := json.loads(await socket.receive_str()))["t"] != "subbed":
            pass
        return str(frame["cur"])
