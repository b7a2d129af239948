"""Watches the disk of the data folder while everything runs, and says so before it is full.

On a full disk Kafka ends itself (its only log folder failed) and is started again with back-off; inserts
of the warehouse fail and the sink repeats them. What was acknowledged is kept; with space all goes on.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from infra.supervisor.checks import LEAST_FREE_BYTES
from infra.supervisor.child import Event

LOOK_EVERY_SECONDS = 5.0


class Disk:
    """Says a change once. Pure: `look` gets the free bytes."""

    def __init__(self, folder: Path, least: int = LEAST_FREE_BYTES) -> None:
        self._folder, self._least = folder, least
        self._full = False

    def look(self, free: int) -> Event | None:
        """The event to say, if the disk came below `least` free bytes, or is back above by a tenth."""
        if not self._full and free < self._least:
            self._full = True
            return Event(
                "disk",
                "full",
                f"The disk of {self._folder} is nearly full ({free // 2**20} MB left): free some space. "
                "With none, Kafka and the warehouse stop taking anything until there is some again.",
            )
        if self._full and free > self._least * 1.1:
            self._full = False
            return Event("disk", "space", f"The disk of {self._folder} has space again.")
        return None


async def watch(folder: Path, say: Callable[[Event], None]) -> None:
    """Looks until it is cancelled."""
    disk = Disk(folder)
    while True:
        if event := disk.look(shutil.disk_usage(folder).free):
            say(event)
        await asyncio.sleep(LOOK_EVERY_SECONDS)
