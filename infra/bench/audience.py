"""A crowd of sockets in a process of its own, asked by its owner what it heard."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType

from infra.runtime.lifecycle import die_with_parent
from infra.runtime.problems import Problem

OPEN_SECONDS = 120.0
# Longest line of the crowd's: what its sample was late, a minute long.
LINE_BYTES = 16 << 20


class Audience:
    """`async with`: all are open. `openings`: of each its first frame, and how many channels it names."""

    def __init__(self, kind: str, port: int, openings: Sequence[tuple[str, int]]) -> None:
        self._arguments = (kind, "127.0.0.1", str(port))
        self._openings = openings

    async def __aenter__(self) -> Audience:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.bench.crowd", *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                said = await self._asked(json.dumps(self._openings))
            if said != "open":
                raise Problem(f"The sockets of the bench did not open: {said or 'the crowd is gone'}.")
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def heard(self, stalled: int | None = None) -> tuple[int, list[float]]:
        """(messages over all sockets since it was last asked, seconds that the sample's were late).

        `stalled`: so many of the first do not read from now on.
        """
        said = await self._asked("" if stalled is None else str(stalled))
        if not said:
            raise Problem("A socket of the bench was closed.")
        found = json.loads(said)
        return found["heard"], found["late"]

    async def _end(self) -> None:
        with suppress(ProcessLookupError):  # it may be gone already
            self._process.kill()
        await self._process.wait()

    async def _asked(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        return (await self._process.stdout.readline()).decode().strip()
