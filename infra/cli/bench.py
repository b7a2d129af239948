"""`concierge bench`: measures the product on a stack of its own, beside the bare engine in the same run."""

from __future__ import annotations

import asyncio
import importlib
import random
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.bench.result import Result
from infra.bench.stack import STOP_SECONDS
from infra.cli.output import Json, last_line
from infra.runtime import lifecycle
from infra.runtime.problems import Problem

# Modules of infra.bench whose run(home) needs nothing more.
PLAIN = (
    "coldstart",
    "roundtrip",
    "dashboard",
    "decide",
    "fold",
    "sink",
    "catchup",
    "freshness",
    "growth",
    "restart",
    "fanout",
    "resume",
    "slow",
    "drain",
    "chat",
    "idle",
    "growth-fanout",
)
SEEDED = ("faults", "delivery", "uptime")
BENCHES = (*PLAIN, *SEEDED, "import")
KILLS = 20
FAULTS = 100


def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHES)}.")],
    file: Annotated[
        Path | None, typer.Option(help="import, faults: the bookings CSV, plain or gzipped.")
    ] = None,
    kills: Annotated[int, typer.Option(min=1, help="faults: how many times something is struck.")] = KILLS,
    faults: Annotated[int, typer.Option(min=1, help="delivery: how often something breaks.")] = FAULTS,
    seed: Annotated[
        int | None, typer.Option(help=f"{', '.join(SEEDED)}: of all that is random; one is chosen.")
    ] = None,
    json: Json = False,
) -> None:
    """Measure on engines of its own: free ports, temporary data. Example: concierge bench roundtrip --json"""
    if name not in BENCHES:
        raise Problem(f"There is no bench {name!r}: use one of {', '.join(BENCHES)}.")
    found: list[Result] = []

    async def main(stop: asyncio.Event) -> None:
        work = asyncio.ensure_future(_run(name, Path(home), file, kills, faults, seed))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            work.cancel()
        found.append(await work)

    with tempfile.TemporaryDirectory(prefix="concierge-bench-") as home:
        lifecycle.run(main, grace_seconds=STOP_SECONDS)
    if not found:
        raise Problem("The bench was stopped before its end; its stack and its data are gone.")
    (result,) = found
    for figure, value in result.figures.items():
        beside = f" (bare: {result.baseline[figure]:g})" if figure in result.baseline else ""
        typer.echo(f"{figure}: {value:g}{beside}")
    if json:
        last_line(result.json())


def _run(
    name: str, home: Path, file: Path | None, kills: int, faults: int, seed: int | None
) -> Coroutine[Any, Any, Result]:
    if name in PLAIN:
        plain: Coroutine[Any, Any, Result] = importlib.import_module(
            f"infra.bench.{name.replace('-', '_')}"
        ).run(home)
        return plain
    if name in SEEDED:
        chosen = random.randrange(2**31) if seed is None else seed
        typer.echo(f"seed {chosen}", err=True)
        if file is not None and not file.is_file():
            raise Problem(f"There is no file {file}.")
        if name == "delivery":
            from infra.bench import delivery

            return delivery.run(home, faults, chosen, _say)
        if name == "uptime":
            from infra.bench import uptime

            return uptime.run(home, chosen, _say)
        from infra.bench import faults as knives

        return knives.run(home, kills, chosen, file, _say)
    from infra.bench import bookings

    if file is None or not file.is_file():
        raise Problem("bench import needs a bookings CSV: concierge bench import --file bookings.csv.gz")
    return bookings.run(home, file)


def _say(line: str) -> None:
    typer.echo(line, err=True)
