"""Clients written in JavaScript, all in one Node; `script_clients.mjs` says what they take and say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from tests.web.node import NODE, packages

CLIENTS = Path(__file__).parent / "script_clients.mjs"
Hears = Callable[..., None]


class Script:
    """A Node with clients in it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._hearers = dict[int, Hears]()
        self._numbers = count()

    def open(self, hears: Hears, **what: Any) -> int:
        """A client's number; `hears(name, *more)` gets all that it says."""
        n = next(self._numbers)
        self._hearers[n] = hears
        self.tell(n, open=what)
        return n

    def tell(self, n: int, **what: Any) -> None:
        """Has this client say or do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode({"n": n} | what) + b"\n")

    async def hear(self) -> None:
        """Hands on what they say, until Node ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            n, *said = msgspec.json.decode(line)
            self._hearers[n](*said)


@asynccontextmanager
async def script() -> AsyncIterator[Script]:
    """A Node, until the end."""
    process = await asyncio.create_subprocess_exec(
        NODE, CLIENTS, packages(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    one = Script(process)
    hearing = asyncio.create_task(one.hear())
    try:
        yield one
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await hearing
