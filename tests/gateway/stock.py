"""A real socket.io-client in a Node of its own, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from tests.patience import patience
from tests.web.node import NODE, packages

DRIVER = Path(__file__).parent / "stock_client.mjs"


class Stock:
    """What it says, and what it is told to do. `transport`: the one it is on."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.transport = ""
        self._kept = list[list[Any]]()

    async def tell(self, **what: Any) -> None:
        """Emits or does something."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(what) + b"\n")
        await self._process.stdin.drain()

    async def ask(self, *event: Any) -> list[Any]:
        """What an event's callback gets."""
        await self.tell(emit=event, ack=True)
        return (await self.hear("ack"))[1:]

    async def hear(self, *names: str) -> list[Any]:
        """The first of these that it said and nobody heard yet: [name, *arguments]."""
        assert self._process.stdout is not None
        for place, said in enumerate(self._kept):
            if said[0] in names:
                return self._kept.pop(place)
        async with patience():
            while True:
                line = await self._process.stdout.readline()
                assert line, "the client ended"
                found: list[Any] = msgspec.json.decode(line)
                if found[0] in ("connect", "upgrade"):
                    self.transport = found[-1]
                if found[0] in names:
                    return found
                self._kept.append(found)

    async def event(self, name: str) -> dict[str, Any]:
        """The frame of the next event of this name."""
        found: dict[str, Any] = (await self.hear(f"on {name}"))[1]
        return found


@asynccontextmanager
async def stock(url: str, auth: dict[str, Any], **options: Any) -> AsyncIterator[Stock]:
    """It connects; `options` are the client's own."""
    process = await asyncio.create_subprocess_exec(
        NODE, DRIVER, packages(), url, msgspec.json.encode(options | {"auth": auth}).decode(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    try:
        yield Stock(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
