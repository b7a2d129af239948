"""Parts are killed with -9 at random moments while hotels live; then everything is held against the log.

Each kill waits until the part is ready again, so that every one of them meets a product at work. One in five
takes another part along, a moment later.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from infra.bench.result import Result
from infra.bench.stack import Stack
from infra.oracle.verify import Report, verify
from infra.runtime.problems import Problem

PARTS = ("kafka", "warehouse", "worker-0", "worker-1", "sink", "push", "gateway-0", "dashboard")
HOTELS, ROOMS, SPEED = 2, 24, 600
# A part that died often is started again after up to 30 s, and folds its past then.
AGAIN_SECONDS = 90.0
# Between a part's readiness and the next kill, at most.
CALM_SECONDS = 1.5
SETTLE_SECONDS = 120.0

Say = Callable[[str], None]


async def run(home: Path, kills: int, seed: int, say: Say) -> Result:
    """In `home`, an empty folder, on a stack of its own. `say` gets a line a kill."""
    stack = Stack(home)
    stack.start()
    began = time.monotonic()
    try:
        await asyncio.to_thread(stack.wait)
        await asyncio.to_thread(stack.settle)
        simulator = living(stack, seed)
        try:
            await _kill(stack, kills, random.Random(seed), say)
        finally:
            simulator.terminate()
            await asyncio.to_thread(simulator.wait, 60)
        report = await settled(stack)
    finally:
        await asyncio.to_thread(stack.stop)
    for one in report.differences:
        say(one)
    return Result("faults", figures(report, kills, seed, time.monotonic() - began), {})


def living(stack: Stack, seed: int, hotels: int = HOTELS, rooms: int = ROOMS) -> subprocess.Popen[bytes]:
    """A simulator that goes on until it is terminated; what it says at its end is on its standard output."""
    command = [sys.executable, "-m", "infra.cli", "simulate", "--hotels", str(hotels), "--rooms", str(rooms)]
    command += ["--speed", str(SPEED), "--seed", str(seed), "--json"]
    return subprocess.Popen(command, env=stack.environment, stdout=subprocess.PIPE)


async def _kill(stack: Stack, kills: int, dice: random.Random, say: Say) -> None:
    done = 0
    while done < kills:
        await asyncio.sleep(dice.uniform(0, CALM_SECONDS))
        struck = [dice.choice(PARTS)]
        if dice.random() < 0.2 and done + 1 < kills:
            struck.append(dice.choice([one for one in PARTS if one not in struck]))
        began = time.monotonic()
        async with asyncio.TaskGroup() as waiting:
            for part in struck:
                waiting.create_task(kill(stack, part))
                await asyncio.sleep(dice.uniform(0, 0.3))
        done += len(struck)
        seconds = time.monotonic() - began
        say(f"{done}/{kills}: {' and '.join(struck)} killed, ready again after {seconds:.1f} s")


async def kill(stack: Stack, part: str) -> None:
    """Kills a part that is ready, and waits until it is ready again. Problem where that takes too long."""
    await _until(lambda: stack.ready(part), part)
    pid = stack.pids()[part]
    os.kill(pid, signal.SIGKILL)
    await _until(lambda: stack.pids()[part] != pid and stack.ready(part), part)


async def _until(true: Callable[[], bool], part: str) -> None:
    deadline = time.monotonic() + AGAIN_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise Problem(f"{part} was not ready in {AGAIN_SECONDS:.0f} s.")
        await asyncio.sleep(0.05)


async def settled(stack: Stack, seconds: float = SETTLE_SECONDS) -> Report:
    """What a verify finds once everything on the log is answered and written, or at last."""
    deadline = time.monotonic() + seconds
    while True:
        report = await verify(stack.settings, "", lambda *_: None)
        if (not report.behind and not report.owed and report.equal) or time.monotonic() > deadline:
            return report


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
        "differing_tables": float(sum(bool(one["lacks"] or one["surplus"]) for one in tables)),
        "wrong": float(report.wrong_answers + report.wrong_values),
        "unanswered": float(report.owed),
        "unwritten": float(report.behind),
        "seconds": round(seconds, 1),
    }
