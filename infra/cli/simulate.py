"""`concierge simulate`: believable hotels, spoken through the public API."""

from __future__ import annotations

import asyncio
import json as dumper
import random
from collections import Counter
from typing import Annotated, Any

import typer

from infra.runtime import lifecycle, settings

SAY_EVERY = 200


def simulate(
    hotels: Annotated[int, typer.Option(min=1, help="How many hotels; the first is `harbour`.")] = 1,
    rooms: Annotated[int, typer.Option(min=1, max=2000, help="Rooms of each.")] = 60,
    speed: Annotated[float, typer.Option(min=0.1, help="Simulated seconds a second.")] = 60.0,
    seed: Annotated[int | None, typer.Option(help="The same makes the same day; unsaid: a new one.")] = None,
    hours: Annotated[float | None, typer.Option(min=0.01, help="Simulated hours; unsaid: for ever.")] = None,
    direct: Annotated[bool, typer.Option("--direct", help="Write to Kafka, for load: no answers.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One object as the last line.")] = False,
) -> None:
    """Bring hotels to life. Example: concierge simulate --hotels 2 --rooms 40 --speed 120 --hours 24"""
    from infra.runtime import probe
    from infra.simulator import run
    from infra.simulator.step import Step

    lifecycle.supervised()
    loaded = settings.load()
    drawn = random.randrange(2**31) if seed is None else seed
    steps: Counter[str] = Counter()

    def said(step: Step) -> None:
        steps[step.command] += 1
        if steps.total() % SAY_EVERY == 0 and not json:
            print(f"{steps.total()} steps", flush=True)

    outcomes: Counter[str] = Counter()

    async def main(stop: asyncio.Event) -> None:
        async with probe.serve(loaded, lambda: None):
            await live(stop)

    async def live(stop: asyncio.Event) -> None:
        lives = [
            asyncio.create_task(
                run.hotel(
                    loaded,
                    n,
                    rooms=rooms,
                    speed=speed,
                    seed=drawn,
                    hours=hours,
                    direct=direct,
                    said=said,
                    outcomes=outcomes,
                )
            )
            for n in range(hotels)
        ]
        stopping = asyncio.create_task(stop.wait())
        left: set[asyncio.Task[Any]] = {stopping, *lives}
        while left > {stopping} and not stop.is_set():
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            for life in done - {stopping}:
                life.result()
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    lifecycle.run(main)
    if json:
        print(dumper.dumps({"seed": drawn, "steps": dict(steps), "outcomes": dict(outcomes)}))
    else:
        print(f"{steps.total()} steps of seed {drawn}: {dict(outcomes)}")
