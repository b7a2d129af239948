"""Runs simulated hotels at a speed: each step at its moment, hotels side by side."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Callable

from infra.runtime.settings import Settings
from infra.simulator import day, layout
from infra.simulator.curves import HOUR_S
from infra.simulator.speaker import Speaker
from infra.simulator.step import Step

START_HOUR = 7


async def hotel(
    settings: Settings,
    number: int,
    *,
    rooms: int,
    speed: float,
    seed: int,
    hours: float | None,
    said: Callable[[Step], None],
) -> dict[str, int]:
    """One hotel's life until `hours` are over (None: for ever). Returns outcomes by count."""
    house = layout.hotel(number, rooms)
    async with Speaker(settings, house) as speaker:
        await speaker.furnish()
        world = day.world(house, seed, datetime.datetime.now(datetime.UTC).date(), START_HOUR)
        until = None if hours is None else (START_HOUR + hours) * HOUR_S
        began = time.monotonic()
        for step in world.run(until):
            due = began + (step.at - START_HOUR * HOUR_S) / speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await speaker.say(step)
            said(step)
        return speaker.outcomes
