"""How late a loop is."""

from __future__ import annotations

import asyncio
import time

from infra.bench import lateness


async def test_a_loop_that_is_held_up_is_late_by_that() -> None:
    async with lateness.measured() as late:
        await asyncio.sleep(0)  # the first turn has begun
        time.sleep(0.1)
    assert late[0] > 0.08
