"""All parts of this machine: started by stages, watched, stopped in reverse."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from infra.part import GATE
from infra.runtime.problems import Problem
from infra.supervisor.child import Child, Event
from infra.supervisor.parts import EXTRAS, GATEWAYS, PREPARE, Part

TRIES = 3
"""A part that ended so often before it was ever ready will not get there: the start fails."""


class Supervisor:
    """`start` returns when all but the extras are ready; `stop` ends all in reverse order."""

    def __init__(self, parts: list[Part], data_dir: Path, say: Callable[[Event], None]) -> None:
        logs = data_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._gate = data_dir / "gate"
        self._gate.unlink(missing_ok=True)
        # Absolute, because the child that becomes Kafka hands it to Java as it is.
        env = {**os.environ, "CONCIERGE_DATA_DIR": str(data_dir.resolve()), GATE: str(self._gate.resolve())}
        self.children = [Child(part, logs / f"{part.name}.log", env, say) for part in parts]

    async def start(self, deadline: float = 120.0) -> None:
        """Problem if a part does not come up; what was started is left to `stop`."""
        self._start(lambda part: part.stage < EXTRAS)
        await self._until_ready(lambda part: part.stage <= PREPARE, deadline)
        self._gate.touch()
        await self._until_ready(lambda part: part.stage <= GATEWAYS, deadline)
        self._start(lambda part: part.stage == EXTRAS)

    async def stop(self) -> None:
        """Ends everything, the last stage first, the parts of a stage side by side."""
        for stage in sorted({child.part.stage for child in self.children}, reverse=True):
            await asyncio.gather(*(child.stop() for child in self.children if child.part.stage == stage))
        self._gate.unlink(missing_ok=True)

    def _start(self, which: Callable[[Part], bool]) -> None:
        for child in self.children:
            if which(child.part):
                child.start()

    async def _until_ready(self, which: Callable[[Part], bool], deadline: float) -> None:
        waiting = [child for child in self.children if which(child.part)]
        try:
            async with asyncio.timeout(deadline):
                while not all(child.ready.is_set() for child in waiting):
                    for child in self.children:
                        if child.failed_before_ready >= TRIES:
                            raise Problem(
                                f"{child.part.name} does not start: {child.last_line()} (log: {child.log})"
                            )
                    await asyncio.sleep(0.02)
        except TimeoutError:
            late = next(child for child in waiting if not child.ready.is_set())
            raise Problem(
                f"{late.part.name} was not ready after {deadline:.0f} s ({late.reason}): see {late.log}."
            ) from None
