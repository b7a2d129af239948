"""A command on a socket -> the figure on the admin's screen, in a real browser; -> the row in the same run.

A manager sets one room after the other dirty. A number is seen when the browser's page holds it, behind
gateway, Kafka, room agent, Kafka, fold, Kafka, sink, ClickHouse and the page's refresh. The baseline stops
at the view in ClickHouse, asked as fast as it answers.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.client import Client
from infra import chromium
from infra.bench.result import Result, percentile
from infra.bench.stack import Stack
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator import person
from infra.simulator.furnish import furnish
from infra.simulator.layout import Hotel, hotel
from streams.sinks.warehouse import connect

if TYPE_CHECKING:
    from playwright.async_api import Page

EVENTS = 40
# Which of the simulator's hotels: one that no other bench or test lives in.
HOTEL = 5
# First calls import modules and fill caches.
WARM = 3
GIVE_UP_SECONDS = 120.0
COOKIE = "concierge_session"
TILE = "To clean"
# When the page first showed each value of the tile, by its own clock, which is this machine's.
WATCH = """name => {
  const seen = window.seen = {};
  const look = () => {
    for (const tile of document.querySelectorAll('[data-testid=stMetric]')) {
      const [label, value] = ['stMetricLabel', 'stMetricValue'].map(
        part => tile.querySelector(`[data-testid=${part}]`)?.innerText.trim() ?? '');
      if (label.startsWith(name) && !(value in seen)) seen[value] = Date.now() / 1000;
    }
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
  look();
}"""


async def run(home: Path) -> Result:
    """In `home`, an empty folder, on a stack of its own."""
    stack = Stack(home)
    stack.start()
    try:
        await asyncio.to_thread(stack.wait)
        return await measure(stack.settings, EVENTS, WARM)
    finally:
        await asyncio.to_thread(stack.stop)


async def measure(settings: Settings, events: int, warm: int) -> Result:
    """The same against a product that runs, in a hotel of its own whose rooms nobody has touched."""
    house = hotel(HOTEL, events + warm)
    who = {"property_id": house.property_id, "user_id": "bench"}
    async with (
        person.client(settings, user_id="bench", role="system", property_id="*") as office,
        person.client(settings, role="manager", **who) as manager,
    ):
        await furnish(office.rest, house)
        return await _watch(settings, manager, house, who, warm)


async def _watch(settings: Settings, manager: Client, house: Hotel, who: dict[str, str], warm: int) -> Result:
    async with _page(settings, who) as page:
        await page.wait_for_function("window.seen !== undefined && '0' in window.seen")
        screen, rows = [], []
        for number, room in enumerate(house.rooms, 1):
            # Anywhere in the second between two refreshes.
            await asyncio.sleep(random.random())
            sent = time.time()
            body = {"room_id": room.room_id, "dimension": "housekeeping", "value": "dirty"}
            await manager.send("rooms.set_room_status", body)
            row = asyncio.create_task(asyncio.to_thread(_row, settings, house.property_id, number))
            await page.wait_for_function("n => n in window.seen", arg=str(number))
            screen.append(await page.evaluate("n => window.seen[n]", str(number)) - sent)
            rows.append(await row - sent)
    figures = _times(screen[warm:]) | {"events": float(len(screen) - warm)}
    return Result("dashboard", figures, _times(rows[warm:]))


@asynccontextmanager
async def _page(settings: Settings, who: dict[str, Any]) -> AsyncIterator[Page]:
    """The dashboard in a browser that is signed in as an admin. Problem where there is no browser."""
    missing = "bench dashboard needs Playwright and a Chromium: `make chromium` gets both."
    try:
        from playwright.async_api import async_playwright

        found = await asyncio.to_thread(chromium.installed)
    except ImportError as error:
        raise Problem(missing) from error
    if found is None:
        raise Problem(missing)
    address = f"http://127.0.0.1:{settings.dashboard_port}"
    cookie = person.token(settings, role="admin", **who)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--disable-gpu"])
        try:
            context = await browser.new_context()
            context.set_default_timeout(GIVE_UP_SECONDS * 1000)
            await context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
            page = await context.new_page()
            await _open(page, address)
            await page.get_by_test_id("stMetric").filter(has_text=TILE).wait_for()
            await page.evaluate(WATCH, TILE)
            yield page
        finally:
            await browser.close()


async def _open(page: Page, address: str) -> None:
    """The dashboard is the last part to start: `ready` does not wait for it."""
    from playwright.async_api import Error

    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            await page.goto(address)
            return
        except Error as error:
            if time.monotonic() > deadline:
                raise Problem(f"The dashboard at {address} does not answer: {error.message}") from error
            await asyncio.sleep(0.2)


def _row(settings: Settings, property_id: str, dirty: int) -> float:
    """When the view first said so many rooms; seconds since 1970."""
    client, deadline = connect(settings), time.monotonic() + GIVE_UP_SECONDS
    asked = "SELECT dirty FROM v_occupancy_live WHERE property_id = {p:String}"
    try:
        while time.monotonic() < deadline:
            found = client.query(asked, parameters={"p": property_id}).result_rows
            if found and found[0][0] >= dirty:
                return time.time()
        raise Problem(f"No row said {dirty} rooms to clean within {GIVE_UP_SECONDS:.0f} s.")
    finally:
        client.close()


def _times(seconds: list[float]) -> dict[str, float]:
    return {f"p{part}_ms": round(percentile(seconds, part / 100) * 1000, 1) for part in (50, 95)}
