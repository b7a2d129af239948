"""Second start to the first live event on a socket, beside Kafka alone from start to answering."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

from websockets.exceptions import WebSocketException

from infra.bench.line import line
from infra.bench.result import Result
from infra.bench.stack import START_SECONDS, Stack
from infra.engines.kafka import broker
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator.layout import Hotel, hotel
from infra.simulator.speaker import Speaker
from schemas.ids import new_id

AGAIN_SECONDS = 0.05


async def run(home: Path) -> Result:
    """Starts twice in `home`, an empty folder, and measures the second start."""
    stack, house = Stack(home), hotel(0, 24)
    stack.start()
    try:
        await asyncio.to_thread(stack.wait)
        async with Speaker(stack.settings, house) as speaker:
            await speaker.furnish()
        await _event(stack.settings, house, "dirty")
    finally:
        await asyncio.to_thread(stack.stop)
    began = time.monotonic()
    stack.start()
    try:
        await _event(stack.settings, house, "clean", stack)
        seconds = time.monotonic() - began
        ready = await asyncio.to_thread(stack.wait)
    finally:
        await asyncio.to_thread(stack.stop)
    bare = await asyncio.to_thread(_kafka, stack.settings)
    figures = {"seconds": round(seconds, 2), "ready_seconds": ready}
    return Result("coldstart", figures, {"seconds": round(bare, 2)})


async def _event(settings: Settings, house: Hotel, status: str, stack: Stack | None = None) -> None:
    """Says a room's status on a socket until it comes back as an event; one id, so it happens once."""
    deadline, said = time.monotonic() + START_SECONDS, new_id()
    person = {"user_id": "bench", "role": "manager", "property_id": house.property_id}
    channel, room = f"staff:{house.property_id}", house.rooms[0].room_id
    body = {"room_id": room, "dimension": "housekeeping", "value": status}
    while time.monotonic() < deadline:
        if stack is not None:
            stack.alive()
        try:
            async with line(settings, person, {channel: None}) as one:
                await one.hear("subbed")
                await one.say("pub", id=said, cmd="rooms.set_room_status", d=body)
                while (frame := await one.frame())["t"] != "ev" or frame["d"].get("causation_id") != said:
                    if frame["t"] == "nack":
                        await asyncio.sleep(frame.get("retry_after", AGAIN_SECONDS))
                        await one.say("pub", id=said, cmd="rooms.set_room_status", d=body)
                return
        except (OSError, WebSocketException, TimeoutError, Problem):
            await asyncio.sleep(AGAIN_SECONDS)
    raise Problem(f"No live event came within {START_SECONDS:.0f} s.")


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
