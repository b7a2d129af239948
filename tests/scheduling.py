"""An event loop that a test drives: whose turn it is next is the test's choice; time passes when all wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any


class _Loop(asyncio.SelectorEventLoop):
    """One callback a turn, of those that are ready the one that `choose(count)` says."""

    _ready: deque[Any]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, choose: Callable[[int], int]) -> None:
        super().__init__()
        self._choose, self._now = choose, 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        held: list[Any] = []
        if len(self._ready) > 1:
            held = list(self._ready)
            one = held.pop(self._choose(len(held)))
            self._ready.clear()
            self._ready.append(one)
        elif not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0].when())
        super()._run_once()  # type: ignore[misc]  # every loop of asyncio has it
        self._ready.extendleft(reversed(held))


def run(main: Coroutine[Any, Any, None], choose: Callable[[int], int]) -> None:
    """Runs `main`; where several tasks could go on, `choose(how many)` is the index of the one that does."""
    with asyncio.Runner(loop_factory=lambda: _Loop(choose)) as runner:
        runner.run(main)
