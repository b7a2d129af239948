"""What `concierge up` says: plain lines, and in a terminal, once all is ready, a live panel below them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from infra.supervisor.child import Child

PANEL_SECONDS = 1.0
LINKS_SECONDS = 600.0
"""Sign-in links hold 15 minutes; the panel's are made anew before."""

Links = list[tuple[str, str]]


def tell(text: str = "") -> None:
    """One line. Where it can't be written (the disk is full, a pipe closed) the parts go on all the same."""
    with suppress(OSError):
        print(text, flush=True)


class Console:
    """Lines until the panel lives, then its notes."""

    def __init__(self) -> None:
        self._notes: deque[str] = deque(maxlen=20)
        self._live = False

    def line(self, text: str) -> None:
        """Something happened."""
        self._notes.append(f"{time.strftime('%H:%M:%S')} {text}")
        if not self._live:
            tell(text)

    async def show(self, children: Sequence[Child], places: Links, people: Callable[[], Links]) -> None:
        """Prints all links whole; in a terminal goes on with the panel until it is cancelled.

        `places`: where everything is; `people`: makes sign-in links, called in a thread.
        """
        signs = await asyncio.to_thread(people)
        for label, address in (*places, *signs):
            tell(f"{label}: {address}")
        if sys.stdout.isatty():
            tell()
            try:
                await self._panel(children, places, people, signs)
            finally:
                self._live = False

    async def _panel(
        self, children: Sequence[Child], places: Links, people: Callable[[], Links], signs: Links
    ) -> None:
        from rich.live import Live

        from infra.supervisor import figures, panel

        pages = [child.part.metrics for child in children if child.part.metrics]
        old: figures.Sample | None = None
        made = time.monotonic()
        self._live = True
        with Live(auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                texts = await asyncio.gather(*(asyncio.to_thread(figures.scrape, page) for page in pages))
                new = figures.sample(texts, time.monotonic())
                seen = figures.between(old, new) if old else None
                old = new
                if new.at - made > LINKS_SECONDS:
                    signs, made = await asyncio.to_thread(people), new.at
                # One line less than there are: the cursor stands on the last one.
                height = live.console.height - 1
                shown = panel.view(children, seen, places, signs, list(self._notes), height)
                live.update(shown, refresh=True)
                await asyncio.sleep(PANEL_SECONDS)
