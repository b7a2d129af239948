"""From one client's word to another's screen, with two thousand sockets open: through the log, acked by all.

The baseline is the bare way: produce, consume, and `await ws.send_text` to as many sockets as hear a message
here.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from aiokafka import AIOKafkaProducer

from gateway.client import Client
from infra.bench import alone, loads, raw
from infra.bench.alone import Alone
from infra.bench.audience import Audience
from infra.bench.pinned import stage
from infra.bench.result import Result, times
from infra.bench.sockets import heard, hello, quiet, text
from infra.runtime.ports import free_row
from infra.simulator import person

SOCKETS, CHATS, EACH, RATE, SECONDS = 2_000, 500, 5, 200.0, 15.0
# Each says a word ten times a second: a person may say twenty.
SENDERS = 20
WARM_SECONDS = 3.0


async def run(home: Path) -> Result:
    """In `home`, an empty folder; the server on one core, everything else on the other."""
    async with stage(home) as (stand, producer, core):
        return await measure(stand, producer, SOCKETS, SECONDS, core)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, sockets: int, seconds: float, core: int | None
) -> Result:
    """The same with so many sockets for so long; the server on `core`."""
    (house,) = loads.hotels(1, "chat")
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, CHATS)])
    hearing = max(1, sockets * EACH // CHATS)
    async with AsyncExitStack() as stack:
        beside, server = await stack.enter_async_context(alone.gateway(stand))
        server.pin(core)
        port = beside.settings.gateway_port
        people = [
            hello(beside, house, n, [(n + i * 101) % CHATS for i in range(EACH)]) for n in range(sockets)
        ]
        audience = await stack.enter_async_context(Audience("concierge", port, people))
        senders = []
        for number in range(SENDERS):
            who = {"user_id": f"sender-{number}", "role": "staff", "departments": [loads.DEPARTMENT]}
            own = person.token(beside.settings, property_id=house, **who)
            senders.append(await stack.enter_async_context(Client(f"http://127.0.0.1:{port}", own)))
        # Whoever has not said a word in a chat joins it first; measured is what is said afterwards.
        await _talk(senders, house, WARM_SECONDS)
        await quiet(audience)
        said = await _talk(senders, house, seconds)
        late = await heard(audience, said * hearing)
    async with raw.topic(stand.settings) as topic:
        server = stand.start("infra.bench.stock_sockets", topic, str(port := free_row()))
        try:
            await alone.listening(port, server)
            server.pin(core)
            async with Audience("fastapi", port, [("", 0)] * hearing) as audience:
                said = await _produce(producer, topic, seconds)
                bare = await heard(audience, said * hearing)
        finally:
            server.stop()
    return Result("chat", {"sockets": float(sockets), **times(late)}, times(bare))


async def _talk(senders: list[Client], house: str, seconds: float) -> int:
    """How many words were said. Each sender has chats of its own, and waits for no ack."""
    began, number = time.monotonic(), 0
    saying: list[asyncio.Task[str]] = []
    while number < RATE * seconds:
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        sender = number % len(senders)
        chat = (number // len(senders) % (CHATS // len(senders))) * len(senders) + sender
        d = {"thread_id": loads.chat_id(house, chat), "text": text()}
        saying.append(asyncio.create_task(senders[sender].send("chat.send", d)))
        number += 1
    await asyncio.gather(*saying)
    return number


async def _produce(producer: AIOKafkaProducer, topic: str, seconds: float) -> int:
    began, number = time.monotonic(), 0
    while number < RATE * seconds:
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        await producer.send(topic, f'{{"text":"{text()}"}}'.encode(), partition=0)
        number += 1
    return number
