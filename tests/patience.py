"""How long tests wait for what must happen: long, for a slow machine; who waits in vain has failed anyway."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 120.0


def patience() -> asyncio.Timeout:
    """`async with patience():` what comes by itself must come within."""
    return asyncio.timeout(PATIENCE)


async def until(true: Callable[[], Any], what: str = "it never came") -> Any:
    """What `true` says, or what it says once awaited, as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = true()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.02)
