"""Command on one socket -> event on another: 200 sockets, 50 commands/s; raw produce -> consume beside it.

Each of 100 guests asks for something on a socket; a member of staff hears it on another one. The whole way
is measured: gateway, Kafka, service agent with routing, Kafka, gateway. The raw records go at the same rate
in the same seconds.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.client import Client
from infra.bench import lateness, raw
from infra.bench.result import Result, percentile, times
from infra.bench.stack import Stack
from infra.runtime.settings import Settings
from infra.simulator import person
from infra.simulator.furnish import furnish
from infra.simulator.layout import hotel
from schemas.ids import new_id

# None that a simulator of a few hotels makes.
HOTEL = 98
PAIRS = 100
RATE = 50.0
SECONDS = 20.0
# Commands before these count: first calls import modules and fill caches.
WARM = 100
DRAIN_SECONDS = 60.0


async def run(home: Path) -> Result:
    """In `home`, an empty folder, on a stack of its own."""
    stack = Stack(home)
    stack.start()
    try:
        await asyncio.to_thread(stack.wait)
        # The dashboard's start is seconds of a core.
        await asyncio.to_thread(stack.settle)
        return await measure(stack.settings, PAIRS, RATE, SECONDS, WARM)
    finally:
        await asyncio.to_thread(stack.stop)


async def measure(settings: Settings, pairs: int, rate: float, seconds: float, warm: int) -> Result:
    """The same against a product that runs: `pairs` guests and as many listeners."""
    house, wanted = hotel(HOTEL, pairs), warm + int(rate * seconds)
    own = {"property_id": house.property_id}
    async with person.client(settings, user_id="bench", role="system", property_id="*") as office:
        await furnish(office.rest, house)
    sent: dict[str, float] = {}
    heard: dict[str, float] = {}
    async with AsyncExitStack() as clients, lateness.measured() as late:
        guests, tasks = [], []
        for number, room in enumerate(house.rooms):
            staff = {"user_id": f"bench-{number}", "role": "staff", "departments": ["housekeeping"], **own}
            member = await clients.enter_async_context(person.client(settings, **staff))
            await member.sub(f"room:{house.property_id}:{room.room_id}")
            who = {"user_id": f"guest-{room.room_id}", "role": "guest", "room": room.room_id, **own}
            guest = await clients.enter_async_context(person.client(settings, stay=f"stay-{number}", **who))
            guests.append((guest, room.room_id))
            tasks.append(asyncio.create_task(_listen(member, heard)))
        bare = asyncio.create_task(raw.latencies(settings, rate, wanted))
        await _ask(guests, rate, wanted, sent)
        deadline = time.monotonic() + DRAIN_SECONDS
        while len(heard) < len(sent) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        raw_seconds = await bare
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    counted = [heard[one] - sent[one] for one in list(sent)[warm:] if one in heard]
    figures = {
        **times(counted),
        "commands": float(len(sent)),
        "missing": float(len(sent) - len(heard)),
        "sockets": 2.0 * pairs,
        "commands_per_second": rate,
        "generator_late_p99_ms": round(percentile(late, 0.99) * 1000, 1),
    }
    return Result("roundtrip", figures, times(raw_seconds[warm:]))


async def _ask(guests: list[tuple[Client, str]], rate: float, wanted: int, sent: dict[str, float]) -> None:
    began = time.monotonic()
    async with asyncio.TaskGroup() as asking:
        for number in range(wanted):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            guest, room = guests[number % len(guests)]
            asked, body = new_id(), {"room_id": room, "item": "towels"}
            sent[asked] = time.monotonic()
            asking.create_task(guest.send("services.request", body, id=asked))


async def _listen(member: Client, heard: dict[str, float]) -> None:
    """Notes when each command's first event came."""
    async for event in member.events():
        if cause := event.d.get("causation_id"):
            heard.setdefault(cause, time.monotonic())
