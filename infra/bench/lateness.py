"""How late this process' own event loop is: what of a figure is the load generator's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

EVERY_SECONDS = 0.005


@asynccontextmanager
async def measured() -> AsyncIterator[list[float]]:
    """Seconds by which each turn came too late, as they come; at least one by the end."""
    found: list[float] = []
    watching = asyncio.create_task(_watch(found))
    try:
        yield found
    finally:
        while not found:
            await asyncio.sleep(EVERY_SECONDS)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(found: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        found.append(loop.time() - due)
