"""Parts are struck by all knives while hotels live and a file comes in badly; then the log is the judge.

Each strike waits until what it hit is ready again, so that every one of them meets a product at work. The
sink reaches the warehouse by a way that loses one reply in twenty.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from infra.bench import knives, plan
from infra.bench.hostile import Hostile
from infra.bench.knives import Say
from infra.bench.proxy import Proxy
from infra.bench.result import Result
from infra.bench.stack import Stack
from infra.oracle.verify import Report, verify
from infra.runtime.ports import free_row

HOTELS, ROOMS, SPEED = 2, 24, 600
LOST_REPLIES = 0.05
# So long nothing may be under way that does not move.
SETTLE_SECONDS = 120.0

_DEATH = re.compile(r" was killed by signal 9; it is started again ")
_FAILPOINT = re.compile(r"^failpoint \S+, passing \d+$", re.MULTILINE)


async def run(home: Path, kills: int, seed: int, file: Path | None, say: Say) -> Result:
    """In `home`, an empty folder, on a stack of its own. `say` gets a line a strike; `file`: bookings."""
    stack = Stack(home)
    stack.start()
    began = time.monotonic()
    try:
        await asyncio.to_thread(stack.wait)
        await asyncio.to_thread(stack.settle)
        hostile = Hostile(stack.settings, file, seed) if file else None
        async with _lossy(stack, seed) as proxy:
            simulator = living(stack, seed)
            try:
                await _strike(stack, kills, seed, hostile, say)
            finally:
                simulator.terminate()
                await asyncio.to_thread(simulator.wait, 60)
            report = await settled(stack)
        found = figures(report, kills, seed, time.monotonic() - began)
        found |= {"lost_replies": float(proxy.lost), **_deaths(stack)}
        if hostile:
            found |= await hostile.figures(say)
    finally:
        await asyncio.to_thread(stack.stop)
    for one in report.differences:
        say(one)
    return Result("faults", found, {})


def living(stack: Stack, seed: int, hotels: int = HOTELS, rooms: int = ROOMS) -> subprocess.Popen[bytes]:
    """A simulator that goes on until it is terminated; what it says at its end is on its standard output."""
    command = [sys.executable, "-m", "infra.cli", "simulate", "--hotels", str(hotels), "--rooms", str(rooms)]
    command += ["--speed", str(SPEED), "--seed", str(seed), "--json"]
    return subprocess.Popen(command, env=stack.environment, stdout=subprocess.PIPE)


@contextlib.asynccontextmanager
async def _lossy(stack: Stack, seed: int) -> AsyncIterator[Proxy]:
    """Parts that start from now on, the sink at once, reach the warehouse through a proxy."""
    dice, port = random.Random(seed), free_row()
    proxy = Proxy(stack.settings.warehouse_port, lambda: dice.random() < LOST_REPLIES)
    async with proxy.listening(port):
        stack.tell("clickhouse_url", f"http://127.0.0.1:{port}")
        await knives.kill(stack, "sink")
        yield proxy


async def _strike(stack: Stack, kills: int, seed: int, hostile: Hostile | None, say: Say) -> None:
    """All strikes, and beside them the file to its end."""
    async with asyncio.TaskGroup() as both:
        if hostile:
            both.create_task(hostile.run())
        for number, one in enumerate(plan.strikes(stack.settings, seed, kills), 1):
            began = time.monotonic()
            await knives.strike(stack, one, say)
            seconds = time.monotonic() - began
            say(f"{number}/{kills} of seed {seed}: {one}; ready again after {seconds:.1f} s")


async def settled(stack: Stack, seconds: float = SETTLE_SECONDS) -> Report:
    """What a verify finds once everything on the log is answered and written, or no more of it is."""
    least, moved = math.inf, time.monotonic()
    while True:
        report = await verify(stack.settings, "", lambda *_: None)
        left = report.behind + report.owed
        if left < least:
            least, moved = left, time.monotonic()
        if (not left and report.equal) or time.monotonic() - moved > seconds:
            return report
        await asyncio.sleep(report.seconds)  # the machine is needed for what is under way


def _deaths(stack: Stack) -> dict[str, float]:
    """By SIGKILL in all, and at failpoints."""
    logs = (file.read_text(errors="replace") for file in (stack.data_dir / "logs").glob("*.log*"))
    failed = sum(len(_FAILPOINT.findall(text)) for text in logs)
    return {"deaths": float(len(_DEATH.findall(stack.said()))), "deaths_at_failpoints": float(failed)}


def figures(report: Report, kills: int, seed: int, seconds: float) -> dict[str, float]:
    """What the bench says of a report. `lost` and `doubled`: rows; `wrong`: answers and live values."""
    tables = report.tables.values()
    return {
        "kills": float(kills),
        "seed": float(seed),
        "records": float(report.records),
        "answers": float(report.answers),
        "rows": float(report.rows),
        "live_values": float(report.values),
        "lost": float(sum(one["lacks"] for one in tables)),
        "doubled": float(sum(one["surplus"] for one in tables)),
        "unmerged": float(sum(one["unmerged"] for one in tables)),
        "differing_tables": float(sum(bool(one["lacks"] or one["surplus"]) for one in tables)),
        "wrong": float(report.wrong_answers + report.wrong_values),
        "unanswered": float(report.owed),
        "unwritten": float(report.behind),
        "seconds": round(seconds, 1),
    }
