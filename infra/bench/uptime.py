"""Ten minutes of a hundred clients whose lines break, while two gateways are restarted in turn.

What counts is the share of time in which each client was connected and heard its chat. Lines that die without
a word are left out: by the heartbeat a client notices that after 37 s, so it is the weather that would count.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex

from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from infra.bench import alone, delivery, loads, logged
from infra.bench.alone import Alone
from infra.bench.delivery import Guest
from infra.bench.gateways import Gateways
from infra.bench.histories import judge
from infra.bench.result import Result, times
from infra.bench.weather import Fault
from infra.runtime import kafka
from infra.runtime.ports import free_row

CLIENTS, SECONDS, GATEWAYS = 100, 600.0, 2
# Each client is hit twice in ten minutes, each gateway restarted five times.
FAULT_SECONDS, RESTART_SECONDS = 3.0, 60.0
FAULTS: tuple[Fault, ...] = ("reset", "cut")
# Between two things that one client says.
TALK_SECONDS = 3.0


async def run(home: Path, seed: int, say: Callable[[str], None]) -> Result:
    """In `home`, an empty folder. `say`: progress, a line each."""
    async with alone.kafka(home) as bare, kafka.producer(bare.settings) as producer:
        return await measure(bare, producer, seed, CLIENTS, SECONDS, say)


async def measure(
    bare: Alone,
    producer: AIOKafkaProducer,
    seed: int,
    clients: int,
    seconds: float,
    say: Callable[[str], None],
) -> Result:
    """The same with so many clients for so long."""
    rng = random.Random(seed)
    house = f"uptime-{token_hex(4)}"
    ports = {"gateway_port": free_row(GATEWAYS), "jwt_secret": SecretStr(token_hex())}
    stand = Alone(bare.home, bare.settings.model_copy(update=ports))
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, delivery.CHATS)])
    async with AsyncExitStack() as stack:
        gateways = Gateways(stand, GATEWAYS)
        stack.callback(gateways.stop)
        await gateways.start()
        guests = [await Guest.enter(stack, stand, house, n, gateways.ports, rng) for n in range(clients)]
        messages = max(1, round(seconds / TALK_SECONDS))
        talking = [asyncio.create_task(guest.talk(messages, seconds)) for guest in guests]
        restarting = asyncio.create_task(_restart(gateways, seconds, say))
        for task in (*talking, restarting):
            stack.callback(task.cancel)
        began, faults = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            await asyncio.sleep(rng.expovariate(1 / FAULT_SECONDS))
            await rng.choice(guests).line.strike(rng.choice(FAULTS), 0.0)
            faults += 1
        await restarting
        uptimes = [guest.client.uptime for guest in guests]
        gaps = [gap for guest in guests for gap in guest.client.gaps]
        await delivery.calm(guests, talking, messages)
        verdict = judge(await logged.chats(stand, house), [guest.history for guest in guests])
    figures = {
        "seed": float(seed),
        "faults": float(faults),
        "restarts": float(restarting.result()),
        "clients": float(clients),
        "uptime_percent": round(100 * sum(uptimes) / clients, 3),
        "uptime_least_percent": round(100 * min(uptimes), 3),
        "gaps": float(len(gaps)),
        **{f"gap_{name}": value for name, value in times(gaps).items()},
        **{name: float(value) for name, value in asdict(verdict).items()},
    }
    return Result("uptime", figures, {})


async def _restart(gateways: Gateways, seconds: float, say: Callable[[str], None]) -> int:
    """One after the other, for so long; how many."""
    began, count = time.monotonic(), 0
    while (count + 1) * RESTART_SECONDS <= seconds:
        await asyncio.sleep(max(0.0, began + (count + 0.5) * RESTART_SECONDS - time.monotonic()))
        say(f"gateway-{count % GATEWAYS} is restarted")
        await gateways.restart(count % GATEWAYS)
        count += 1
    return count
