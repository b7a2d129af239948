"""Runs simulated hotels at a speed: each step at its moment, hotels side by side."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

from infra.runtime import metrics
from infra.runtime.settings import Settings
from infra.simulator import day, layout
from infra.simulator.curves import HOUR_S
from infra.simulator.direct import Writer
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
    direct: bool = False,
    said: Callable[[Step], None],
    outcomes: Counter[str],
) -> None:
    """One hotel's life until `hours` are over (None: for ever). `direct`: onto the log, past the gateway."""
    house = layout.hotel(number, rooms)
    async with Speaker(settings, house, outcomes) as speaker, AsyncExitStack() as more:
        await speaker.furnish()
        say = speaker.say
        if direct:
            say = (await more.enter_async_context(Writer(settings, house, outcomes))).say
        first_day, found = await speaker.found()
        world = day.world(house, seed, first_day or _today(), START_HOUR, found)
        until = None if hours is None else (START_HOUR + hours) * HOUR_S
        began = time.monotonic()
        for step in world.run(until):
            due = began + (step.at - START_HOUR * HOUR_S) / speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            metrics.SIMULATED_LATE_SECONDS.set(max(0.0, time.monotonic() - due))
            await say(step)
            metrics.SIMULATED_STEPS.labels(step.command).inc()
            said(step)


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
