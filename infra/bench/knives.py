"""The knives: each leaves what it hit ready again, or says that it is not."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from infra.bench.plan import Strike
from infra.bench.stack import Stack
from infra.runtime.lifecycle import die_with_parent
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.supervisor import health, parts

# A part that died often is started again after up to 10 s, and folds its past then; a busy machine is slow.
AGAIN_SECONDS = 180.0
# A failpoint that is not passed in this time is given up.
PASSED_SECONDS = 20.0
# Between the two deaths of a pair, at most.
PAIR_SECONDS = 0.3
# What one that wakes had in hand is sent in this time, while its twin lives.
AWAKE_SECONDS = 2.0

Say = Callable[[str], None]


async def strike(stack: Stack, one: Strike, say: Say) -> None:
    """One strike, until what it hit is ready again. Problem where that takes too long."""
    await asyncio.sleep(one.calm)
    if one.knife == "kill":
        async with asyncio.TaskGroup() as waiting:
            for part in one.parts:
                waiting.create_task(kill(stack, part))
                await asyncio.sleep(random.uniform(0, PAIR_SECONDS))
    elif one.knife == "failpoint":
        await fail(stack, one.parts[0], f"{one.point}={one.passing}", say)
    elif one.knife == "stop":
        await replace(stack, one.parts[0], one.seconds)
    else:
        await away(stack, one.parts[0], one.seconds)


async def kill(stack: Stack, part: str) -> None:
    """Kills a part that is ready, and waits until it is ready again. Problem where that takes too long."""
    await _until(lambda: stack.ready(part), part)
    pid = stack.pids()[part]
    os.kill(pid, signal.SIGKILL)
    await _until(lambda: stack.pids()[part] != pid and stack.ready(part), part)


async def fail(stack: Stack, part: str, failpoint: str, say: Say) -> None:
    """The part is started with a failpoint, dies there, and is started without."""
    await _until(lambda: stack.ready(part), part)
    stack.tell("failpoints", failpoint)
    deaths = stack.deaths(part)
    os.kill(stack.pids()[part], signal.SIGKILL)
    await _until(lambda: stack.deaths(part) > deaths, part)
    await _until(lambda: stack.deaths(part) > deaths + 1 or stack.ready(part), part)
    stack.tell("failpoints", "")
    deadline = time.monotonic() + PASSED_SECONDS
    while stack.deaths(part) <= deaths + 1 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    if stack.deaths(part) <= deaths + 1:
        say(f"{failpoint} was not reached in {PASSED_SECONDS:.0f} s")
        os.kill(stack.pids()[part], signal.SIGKILL)
    await _until(lambda: stack.deaths(part) > deaths + 1 and stack.ready(part), part)


async def away(stack: Stack, part: str, seconds: float) -> None:
    """The part stands still for so long, and goes on as the process it is."""
    await _until(lambda: stack.ready(part), part)
    with _stopped(stack.pids()[part]):
        await asyncio.sleep(seconds)
    await _answers(_part(stack, part).ready, part)


async def replace(stack: Stack, part: str, seconds: float) -> None:
    """The part stands still past its session and a twin takes over; it wakes with what it had in hand."""
    await _until(lambda: stack.ready(part), part)
    with _twin(stack, part) as begin:
        with _stopped(stack.pids()[part]):
            await asyncio.sleep(seconds)
            await _answers(begin(), f"the twin of {part}")
        await asyncio.sleep(AWAKE_SECONDS)
    await _answers(_part(stack, part).ready, part)


Begin = Callable[[], health.Check]


@contextmanager
def _twin(stack: Stack, part: str) -> Iterator[Begin]:
    """What starts a process that does what `part` does, and its check; killed at the end."""
    begun: list[subprocess.Popen[bytes]] = []
    port = free_row()
    own = {"CONCIERGE_WORKER_ID": "twin", "CONCIERGE_PROBE_PORT": str(port)}

    def begin() -> health.Check:
        with (stack.data_dir / "logs" / "twin.log").open("ab") as log:
            twin = subprocess.Popen(
                _part(stack, part).command,
                env=stack.environment | own,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
        begun.append(twin)
        return health.http(f"http://127.0.0.1:{port}/readyz")

    try:
        yield begin
    finally:
        for twin in begun:
            twin.kill()
            twin.wait()


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # the supervisor ends who is silent for a minute
            os.killpg(pid, signal.SIGCONT)


def _part(stack: Stack, name: str) -> parts.Part:
    return next(one for one in parts.table(stack.settings, None) if one.name == name)


async def _until(true: Callable[[], bool], part: str) -> None:
    deadline = time.monotonic() + AGAIN_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise Problem(f"{part} was not ready in {AGAIN_SECONDS:.0f} s.")
        await asyncio.sleep(0.05)


async def _answers(check: health.Check, part: str) -> None:
    deadline = time.monotonic() + AGAIN_SECONDS
    while (reason := await check()) is not None:
        if time.monotonic() > deadline:
            raise Problem(f"{part} was not ready in {AGAIN_SECONDS:.0f} s: {reason}.")
        await asyncio.sleep(0.1)
