"""Chromium's own processes, of tests: as people have them, which one runs a page, stopped for a while."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, BrowserType, Page

from tests.e2e.conftest import FLAGS, path
from tests.patience import PATIENCE

BUSY = "() => { for (const end = performance.now() + 300; performance.now() < end; ); }"
# The browser tells hundredths; what other pages do meanwhile is little.
SEEN, MORE = 0.2, 3

# A first window that is still on its way to its page keeps who connects waiting for ever, now and then.
NO_WINDOW = ["--no-startup-window", "--remote-debugging-port=0"]


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
    for _ in range(20):
        page.evaluate(BUSY)
        after = {name: spent for name, spent in processes(browser).items() if name[0] == "renderer"}
        worked = sorted((spent - before.get(name, 0.0), name[1]) for name, spent in after.items())
        (most, found), others = worked[-1], [spent for spent, _ in worked[:-1]]
        if most >= max(SEEN, MORE * max(others, default=0.0)):
            return found
    raise AssertionError("no renderer did the page's work")


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


@contextmanager
def plain(kind: BrowserType, folder: Path) -> Iterator[BrowserContext]:
    """A Chromium whose tabs hide and freeze as people's do: in Playwright's own each is always looked at."""
    ports = folder / "DevToolsActivePort"
    process = subprocess.Popen(
        [path() or kind.executable_path, *FLAGS, *NO_WINDOW, f"--user-data-dir={folder}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not (ports.exists() and (port := ports.read_text().partition("\n")[0])):
            assert process.poll() is None, "it did not start"
            assert time.monotonic() < deadline, "it says no port"
            time.sleep(0.05)
        with kind.connect_over_cdp(f"http://127.0.0.1:{port}", no_defaults=True) as browser:
            yield browser.contexts[0]
    finally:
        process.terminate()
        process.wait()
