"""The processes of a Chromium that a test started: which they are, stopped for a while and let go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Page

# So much work of a page is seen in its process's CPU time, of which the browser tells hundredths.
BUSY = "() => { for (const end = performance.now() + 300; performance.now() < end; ); }"


def processes(browser: Browser) -> dict[tuple[str, int], float]:
    """CPU seconds by (type, process id): `browser`, `renderer`, ..."""
    session = browser.new_browser_cdp_session()
    try:
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    finally:
        session.detach()
    return {(one["type"], one["id"]): one["cpuTime"] for one in found}


def renderer(browser: Browser, page: Page) -> int:
    """The process that runs this page: the one that works when the page does."""
    before = processes(browser)
    page.evaluate(BUSY)
    worked = {name: spent - before.get(name, 0.0) for name, spent in processes(browser).items()}
    (_, found), spent = max(
        (one for one in worked.items() if one[0][0] == "renderer"), key=lambda one: one[1]
    )
    assert spent >= 0.1, "no renderer did the page's work"
    return found


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """They stand still meanwhile, and know nothing of it."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
