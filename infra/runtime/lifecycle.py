"""Life and death of a process: graceful stop on signals, and no life without the supervisor."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable

SUPERVISED = "CONCIERGE_SUPERVISED"
"""Environment: the supervisor's pid, set for its children; they do not outlive it."""

GRACE_SECONDS = 20.0
"""How long `main` may take to end after the first signal. Then it is cancelled."""

_PR_SET_PDEATHSIG = 1

Main = Callable[[asyncio.Event], Awaitable[None]]
"""`main(stop)` works until it is done or `stop` is set, then closes what it opened and returns."""


def die_with_parent(parent: int) -> None:
    """Sees to it that this process gets SIGKILL when its parent dies. `parent`: the parent's pid.

    Exits at once if the parent is gone already, because nobody would say so later. On Linux the kernel does
    it, also after an exec; elsewhere a thread looks once a second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def supervised() -> bool:
    """Called first in every part: binds this process to the supervisor that started it, if one did."""
    parent = os.environ.get(SUPERVISED)
    if not parent:
        return False
    die_with_parent(int(parent))
    return True


def run(main: Main, *, grace_seconds: float = GRACE_SECONDS, uvloop: bool = False) -> None:
    """Runs `main(stop)` to its end. SIGTERM and SIGINT set `stop`; a second one, or the grace, cancels it.

    `main`'s exception goes through to the caller. `uvloop`: gateways use it; Faust must not.
    """
    factory = None
    if uvloop:
        import uvloop as loops

        factory = loops.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_until_stopped(main, grace_seconds))


async def _until_stopped(main: Main, grace_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    task = asyncio.ensure_future(main(stop))

    def on_signal() -> None:
        if stop.is_set():
            task.cancel()
            return
        stop.set()
        loop.call_later(grace_seconds, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        await task
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
