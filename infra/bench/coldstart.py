"""Second start to the first live event on a socket, beside Kafka alone from start to answering."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

from infra.bench import alone
from infra.bench.result import Result
from infra.bench.stack import START_SECONDS, Stack
from infra.engines.kafka import broker
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator import person
from infra.simulator.furnish import furnish
from infra.simulator.layout import Hotel, hotel
from schemas.ids import new_id


async def run(home: Path) -> Result:
    """Starts twice in `home`, an empty folder, and measures the second start."""
    stack, house = Stack(home), hotel(0, 24)
    stack.start()
    try:
        await asyncio.to_thread(stack.wait)
        office = person.client(stack.settings, user_id="bench", role="system", property_id="*")
        async with office as system:
            await furnish(system.rest, house)
        await event(stack.settings, house, "dirty")
    finally:
        await asyncio.to_thread(stack.stop)
    began = time.monotonic()
    stack.start()
    try:
        # A client's own back-off would be in the figure.
        await alone.listening(stack.settings.gateway_port, stack)
        await event(stack.settings, house, "clean")
        seconds = time.monotonic() - began
        ready = await asyncio.to_thread(stack.wait)
    finally:
        await asyncio.to_thread(stack.stop)
    bare = await asyncio.to_thread(_kafka, stack.settings)
    figures = {"seconds": round(seconds, 2), "ready_seconds": ready}
    return Result("coldstart", figures, {"seconds": round(bare, 2)})


async def event(settings: Settings, house: Hotel, status: str) -> None:
    """Says a room's status on a socket and hears it back as an event. Problem where that takes too long."""
    said, room = new_id(), house.rooms[0].room_id
    body = {"room_id": room, "dimension": "housekeeping", "value": status}
    try:
        async with (
            asyncio.timeout(START_SECONDS),
            person.client(
                settings, user_id="bench", role="manager", property_id=house.property_id
            ) as manager,
        ):
            await manager.sub(f"staff:{house.property_id}")
            sending = asyncio.create_task(manager.send("rooms.set_room_status", body, id=said))
            async for one in manager.events():
                if one.d.get("causation_id") == said:
                    await sending
                    return
    except TimeoutError:
        raise Problem(f"No live event came within {START_SECONDS:.0f} s.") from None


def _kafka(settings: Settings) -> float:
    """Seconds from start to answering of the broker alone, on the same data."""
    home = settings.data_dir / "kafka"
    engine = broker.Broker(home, settings.kafka_port, settings.kafka_controller_port, settings.kafka_heap_mb)
    began = time.monotonic()
    with (settings.data_dir / "logs" / "bare.log").open("wb") as output:
        process = subprocess.Popen(engine.prepare(), stdout=output, stderr=subprocess.STDOUT)
    try:
        while not broker.answers("127.0.0.1", settings.kafka_port):
            if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise Problem(f"Kafka alone did not start: see {output.name}.")
            time.sleep(0.02)
        return time.monotonic() - began
    finally:
        process.terminate()
        process.wait(60)
