"""Two gateways on one port, restarted in turn under two thousand clients: nobody is gone for long.

Each client is the product's own, hears some chats of many, and keeps what it heard, which is held against the
log at the end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex

from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from gateway.client import Client
from infra.bench import alone, loads, logged
from infra.bench.alone import Alone
from infra.bench.gateways import Gateways
from infra.bench.histories import History, judge
from infra.bench.result import Result, times
from infra.runtime import kafka
from infra.runtime.ports import free_row
from infra.simulator import person

GATEWAYS = 2
CLIENTS, CHATS, EACH, RATE = 2_000, 500, 5, 200.0
SETTLE_SECONDS = 5.0
LOOK_SECONDS = 0.1
AT_ONCE = 20


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with alone.kafka(home) as bare, kafka.producer(bare.settings, linger_ms=0) as producer:
        return await measure(bare, producer, CLIENTS, SETTLE_SECONDS)


async def measure(bare: Alone, producer: AIOKafkaProducer, clients: int, settle: float) -> Result:
    """The same with so many clients; `settle`: seconds before, between and after the restarts."""
    house, port = f"drain-{token_hex(4)}", free_row(GATEWAYS + 1)
    ports = {"gateway_port": port, "gateway_shared_port": port + GATEWAYS}
    more = {**ports, "jwt_secret": SecretStr(token_hex())}
    stand = Alone(bare.home, bare.settings.model_copy(update=more))
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, CHATS)])
    async with AsyncExitStack() as stack:
        gateways = Gateways(stand, GATEWAYS)
        stack.callback(gateways.stop)
        await gateways.start()
        guests = await _enter(stack, stand, house, clients)
        talking = asyncio.create_task(_talk(stand, producer, house))
        stack.callback(talking.cancel)
        handshakes = list[int]()
        counting = asyncio.create_task(_count(guests, handshakes))
        stack.callback(counting.cancel)
        await asyncio.sleep(settle)
        calm, began = _late(guests), time.monotonic()
        for number in range(GATEWAYS):
            await gateways.restart(number)
            await asyncio.sleep(settle)
        restarting = time.monotonic() - began
        late = _late(guests)
        talking.cancel()
        await asyncio.sleep(settle)
        verdict = judge(await logged.chats(stand, house), [guest.history for guest in guests])
        gaps = [gap for guest in guests for gap in guest.client.gaps]
        uptimes = [guest.client.uptime for guest in guests]
    turns = round(1 / LOOK_SECONDS)
    figures = {
        "clients": float(clients),
        **{name: float(value) for name, value in asdict(verdict).items()},
        "gaps": float(len(gaps)),
        **{f"gap_{name}": value for name, value in times(gaps).items()},
        "gap_most_ms": round(max(gaps) * 1000, 1),
        "uptime_percent": round(100 * sum(uptimes) / clients, 3),
        "uptime_least_percent": round(100 * min(uptimes), 3),
        "handshakes_most_a_second": float(
            max(sum(handshakes[at : at + turns]) for at in range(len(handshakes)))
        ),
        "restarts_seconds": round(restarting, 1),
        **times(late),
    }
    return Result("drain", figures, times(calm))


class Guest:
    """One client that hears some chats. `late`: seconds since each message was said."""

    def __init__(self, client: Client, chats: Sequence[str]) -> None:
        self.client = client
        self.late: list[float] = []
        self.history = History(heard={chat: [] for chat in chats})

    async def listen(self) -> None:
        """For ever. Ended where a gateway does not want this client back."""
        async for event in self.client.events():
            if event.type == "new_message":
                self.late.append(time.time() - event.at / 1000)
                self.history.heard[event.ch.removeprefix("thread:")].append(event.d["text"])


async def _enter(stack: AsyncExitStack, stand: Alone, house: str, clients: int) -> list[Guest]:
    """All connected, each hearing its chats."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> Guest:
        chats = [loads.chat_id(house, (number + i * 101) % CHATS) for i in range(EACH)]
        who = {"user_id": f"staff-{number}", "role": "staff", "departments": [loads.DEPARTMENT]}
        own = person.token(stand.settings, property_id=house, **who)
        async with gate:
            address = f"http://127.0.0.1:{stand.settings.gateway_shared_port}"
            client = await stack.enter_async_context(Client(address, own))
            for chat in chats:
                await client.sub(f"thread:{chat}")
        guest = Guest(client, chats)
        stack.callback(asyncio.create_task(guest.listen()).cancel)
        return guest

    return await asyncio.gather(*[one(number) for number in range(clients)])


async def _talk(stand: Alone, producer: AIOKafkaProducer, house: str) -> None:
    """Until cancelled: a message to one chat after the other."""
    began, number = time.monotonic(), 0
    while True:
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        await stand.say(producer, [loads.message(house, number % CHATS, str(number))])
        number += 1


async def _count(guests: Sequence[Guest], handshakes: list[int]) -> None:
    """Until cancelled: how many were welcomed in each LOOK_SECONDS."""
    before = sum(guest.client.connections for guest in guests)
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = sum(guest.client.connections for guest in guests)
        handshakes.append(now - before)
        before = now


def _late(guests: Sequence[Guest]) -> list[float]:
    """What was late since this was last asked."""
    found = [seconds for guest in guests for seconds in guest.late]
    for guest in guests:
        guest.late.clear()
    return found
