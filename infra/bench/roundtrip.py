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

from infra.bench import raw
from infra.bench.line import Line, line
from infra.bench.result import Result, times
from infra.bench.stack import Stack
from infra.runtime.settings import Settings
from infra.simulator.layout import hotel
from infra.simulator.speaker import Speaker
from schemas.ids import new_id

PAIRS = 100
RATE = 50.0
SECONDS = 20.0
# Commands before these count: first calls import modules and fill caches.
WARM = 100
DRAIN_SECONDS = 15.0


async def run(home: Path) -> Result:
    """In `home`, an empty folder, on a stack of its own."""
    stack = Stack(home)
    stack.start()
    try:
        await asyncio.to_thread(stack.wait)
        return await measure(stack.settings, PAIRS, RATE, SECONDS, WARM)
    finally:
        await asyncio.to_thread(stack.stop)


async def measure(settings: Settings, pairs: int, rate: float, seconds: float, warm: int) -> Result:
    """The same against a product that runs: `pairs` guests and as many listeners."""
    house = hotel(0, pairs)
    async with Speaker(settings, house) as speaker:
        await speaker.furnish()
    sent: dict[str, float] = {}
    heard: dict[str, float] = {}
    async with AsyncExitStack() as lines:
        guests, tasks = [], []
        for number, room in enumerate(house.rooms):
            who = {"property_id": house.property_id, "departments": ["housekeeping"]}
            member = await lines.enter_async_context(
                line(
                    settings,
                    {"user_id": f"bench-{number}", "role": "staff", **who},
                    {f"room:{house.property_id}:{room.room_id}": None},
                )
            )
            await member.hear("subbed")
            guest = {"user_id": f"guest-{room.room_id}", "role": "guest", "room": room.room_id}
            own = await lines.enter_async_context(
                line(settings, {"property_id": house.property_id, "stay": f"stay-{number}", **guest})
            )
            guests.append((own, room.room_id))
            tasks += [asyncio.create_task(_listen(member, heard)), asyncio.create_task(_listen(own, {}))]
        bare = asyncio.create_task(raw.latencies(settings, rate, warm + int(rate * seconds)))
        await _ask(guests, rate, warm + int(rate * seconds), sent)
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
    }
    return Result("roundtrip", figures, times(raw_seconds[warm:]))


async def _ask(guests: list[tuple[Line, str]], rate: float, wanted: int, sent: dict[str, float]) -> None:
    began = time.monotonic()
    for number in range(wanted):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        own, room = guests[number % len(guests)]
        asked = new_id()
        sent[asked] = time.monotonic()
        await own.say("pub", id=asked, cmd="services.request", d={"room_id": room, "item": "towels"})


async def _listen(member: Line, heard: dict[str, float]) -> None:
    """Notes when each command's first event came."""
    while True:
        frame = await member.frame()
        if frame["t"] == "ev" and (cause := frame["d"].get("causation_id")):
            heard.setdefault(cause, time.monotonic())
