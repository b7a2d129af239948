"""Chats under bad weather: clients whose lines break in every way, gateways that die and stand still.

Every client is the product's own Python client, behind a line of its own (`weather`). It says one thing after
the other in the chat of its group, and hears that chat; what it sent, had acked and heard is its history.
Once the weather is over and all have come back, the histories are held against the log (`histories`).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from gateway.client import Client
from infra.bench import alone, loads, logged
from infra.bench.alone import Alone
from infra.bench.gateways import Gateways
from infra.bench.histories import History, judge
from infra.bench.result import Result, percentile
from infra.bench.weather import FAULTS, Line
from infra.runtime import kafka
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.simulator import person

GATEWAYS = 2
# Each in one of so many chats, which all of its group hear.
CLIENTS, CHATS = 100, 2
MESSAGES = 200
FAULTS_A_SECOND = 5.0
# Of so many faults one is a gateway's: killed, or stopped for some seconds.
GATEWAY_EVERY = 40
STOPPED_SECONDS = (2.0, 12.0)
# What lasts lasts so long: shorter and longer than it takes a client to notice (37 s).
LASTS_SECONDS = (0.2, 45.0)
CALM_SECONDS = 240.0
LOOK_SECONDS = 0.1

Say = Callable[[str], None]


async def run(home: Path, faults: int, seed: int, say: Say) -> Result:
    """In `home`, an empty folder. `say`: progress, a line each."""
    async with alone.kafka(home) as bare, kafka.producer(bare.settings) as producer:
        return await measure(bare, producer, faults, seed, CLIENTS, MESSAGES, say)


async def measure(
    bare: Alone, producer: AIOKafkaProducer, faults: int, seed: int, clients: int, messages: int, say: Say
) -> Result:
    """The same with so many clients, of which each says so much."""
    rng = random.Random(seed)
    house = f"delivery-{token_hex(4)}"
    ports = {"gateway_port": free_row(GATEWAYS), "jwt_secret": SecretStr(token_hex())}
    stand = Alone(bare.home, bare.settings.model_copy(update=ports))
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, CHATS)])
    began, used = time.monotonic(), time.process_time()
    async with AsyncExitStack() as stack:
        gateways = Gateways(stand, GATEWAYS)
        stack.callback(gateways.stop)
        await gateways.start()
        guests = [await Guest.enter(stack, stand, house, n, gateways.ports, rng) for n in range(clients)]
        talking = [asyncio.create_task(guest.talk(messages, faults / FAULTS_A_SECOND)) for guest in guests]
        for task in talking:
            stack.callback(task.cancel)
        await _weather(guests, gateways, faults, rng, say)
        say("the weather is over")
        await calm(guests, talking, messages)
        log = await logged.chats(stand, house)
        found = judge(log, [guest.history for guest in guests])
    acks = [seconds for guest in guests for seconds in guest.acks]
    figures = {
        "seed": float(seed),
        "faults": float(faults),
        "clients": float(clients),
        **{name: float(value) for name, value in asdict(found).items()},
        "connections": float(sum(guest.client.connections for guest in guests)),
        "repeats": float(sum(guest.client.repeats for guest in guests)),
        "gateway_deaths": float(gateways.deaths),
        "ack_p50_ms": round(percentile(acks, 0.5) * 1000, 1),
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - used, 1),
    }
    return Result("delivery", figures, {})


@dataclass(slots=True)
class Guest:
    """One client on its line. `acks`: seconds from said to acked."""

    name: str
    client: Client
    line: Line
    chat: str
    history: History
    acks: list[float]

    @classmethod
    async def enter(
        cls,
        stack: AsyncExitStack,
        stand: Alone,
        house: str,
        number: int,
        ports: Sequence[int],
        rng: random.Random,
    ) -> Guest:
        """Connected, and hearing the chat of its group."""
        line = await stack.enter_async_context(Line(ports, random.Random(rng.random())).opened())
        who = {"user_id": f"staff-{number}", "role": "staff", "departments": [loads.DEPARTMENT]}
        own = person.token(stand.settings, property_id=house, **who)
        client = await stack.enter_async_context(Client(f"http://127.0.0.1:{line.port}", own))
        chat = loads.chat_id(house, number % CHATS)
        guest = cls(f"staff-{number}", client, line, chat, History(), [])
        guest.history.heard[chat] = []
        await client.sub(f"thread:{chat}")
        listening = asyncio.create_task(guest.listen())
        stack.callback(listening.cancel)
        return guest

    async def listen(self) -> None:
        """For ever. Ended where a gateway does not want this client back."""
        heard = self.history.heard[self.chat]
        async for event in self.client.events():
            if event.type == "new_message":
                heard.append(event.d["text"])

    async def talk(self, messages: int, seconds: float) -> None:
        """Says so much, over about so many seconds; each once the one before is acked."""
        began = time.monotonic()
        for n in range(messages):
            await asyncio.sleep(max(0.0, began + seconds * n / messages - time.monotonic()))
            own, said = f"{self.name}/{n}", time.monotonic()
            self.history.sent.append(own)
            await self.client.send("chat.send", {"thread_id": self.chat, "text": own})
            self.history.acked.append(own)
            self.acks.append(time.monotonic() - said)


async def _weather(
    guests: Sequence[Guest], gateways: Gateways, faults: int, rng: random.Random, say: Say
) -> None:
    """So many faults, one after the other; those that last last beside the next ones."""
    lasting: set[asyncio.Task[None]] = set()
    struck = asyncio.create_task(asyncio.sleep(0))
    for number in range(1, faults + 1):
        await asyncio.sleep(rng.expovariate(FAULTS_A_SECOND))
        if number % GATEWAY_EVERY == 0:
            await struck  # never both at once
            which = rng.randrange(GATEWAYS)
            strike = (
                gateways.kill(which)
                if rng.random() < 0.5
                else gateways.pause(which, rng.uniform(*STOPPED_SECONDS))
            )
            struck = asyncio.create_task(strike)
            say(f"{number}/{faults}: gateway-{which} is struck")
        else:
            one = rng.choice(guests).line.strike(rng.choice(FAULTS), rng.uniform(*LASTS_SECONDS))
            lasting.add(asyncio.create_task(one))
    await asyncio.gather(struck, *lasting)


async def calm(guests: Sequence[Guest], talking: Sequence[asyncio.Task[None]], messages: int) -> None:
    """Until all was said and heard. Who has not by then has lost it: that is for the verdict to say."""
    deadline = time.monotonic() + CALM_SECONDS
    wanted = {chat: many * messages for chat, many in Counter(guest.chat for guest in guests).items()}
    while time.monotonic() < deadline:
        for task in talking:
            if task.done() and (error := task.exception()) is not None:
                raise Problem(f"A client of the bench gave up: {error!r}") from error
        if all(len(guest.history.heard[guest.chat]) >= wanted[guest.chat] for guest in guests):
            await asyncio.sleep(1.0)  # what came twice would come now
            return
        await asyncio.sleep(LOOK_SECONDS)
