"""What watchdogs say is on the page of admins, and of nobody else, until it is over or put away."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import Page, expect

from infra.runtime import kafka
from schemas import topics
from schemas.ids import new_id
from schemas.records.operations import SystemAlert
from tests.e2e.conftest import Stack
from tests.e2e.test_access import check
from tests.e2e.visitors import Enter, keeper


def say(stack: Stack, part: str, sentence: str, **more: Any) -> None:
    """As a watchdog does."""
    word: dict[str, Any] = {"kind": "stalled", "property_id": "*"} | more
    record = SystemAlert(event_id=new_id(), part=part, sentence=sentence, at=int(time.time() * 1000), **word)

    async def send() -> None:
        async with kafka.producer(stack.settings) as producer:
            await kafka.send(producer, stack.settings, topics.SYSTEM, record.property_id, record)

    with ThreadPoolExecutor(1) as thread:  # an open browser's event loop runs in this one
        thread.submit(asyncio.run, send()).result()


def test_an_admin_is_told_until_it_is_over(enter: Enter, stack: Stack) -> None:
    part = f"sink-{new_id()[-6:]}"
    admin, staff = enter("demo-admin", "admin", "Admin"), keeper(enter)
    manager = enter("demo-manager", "manager", "Max Muster")
    say(stack, part, "It has work but made no progress for 61 s.")
    late = enter("late-admin", "admin", "Late Admin")  # from the snapshot
    for page in (admin, late):
        told = page.locator("system-banner li").filter(has_text=part)
        expect(told).to_contain_text("no progress for 61 s")
        expect(told.locator("xpath=ancestor::*[@aria-live='polite']")).to_have_count(1)
    check(admin)
    say(stack, part, "It is well again.", over=True)
    for page in (admin, late):
        expect(page.locator("system-banner li").filter(has_text=part)).to_have_count(0)
    for page in (staff, manager):
        expect(page.locator("system-banner li")).to_have_count(0)
        expect(page.locator("system-banner")).to_be_hidden()


def test_what_was_put_away_stays_away_until_there_is_news(enter: Enter, stack: Stack) -> None:
    part = f"push-{new_id()[-6:]}"
    admin = enter("demo-admin", "admin", "Admin")
    say(stack, part, "Two more records.", kind="dead_letters", property_id="harbour")
    shown = row(admin, part)
    shown.get_by_role("button", name=f"Got it: Records that cannot be read, {part}").press("Enter")
    expect(shown).to_have_count(0)
    say(stack, "marker", part)  # what comes after a reload is all there once this is
    admin.reload()
    expect(admin.locator("system-banner li").filter(has_text="marker")).to_contain_text(part)
    expect(admin.locator("system-banner h2").filter(has_text=part)).to_have_count(0)
    say(stack, part, "Three more records.", kind="dead_letters", property_id="harbour")
    expect(row(admin, part)).to_contain_text("Three more")
    for over in (part, "marker"):
        for kind in ("dead_letters", "stalled"):
            say(stack, over, "Over.", kind=kind, over=True)


def row(page: Page, part: str) -> Any:
    """What is said of this part."""
    shown = page.locator("system-banner li").filter(has=page.locator("h2", has_text=part))
    expect(shown).to_be_visible()
    return shown
