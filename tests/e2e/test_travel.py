"""Two real browsers on the real stack: what one does, the other sees; a broken line loses nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.e2e.conftest import Stack

SOON_MS = 10_000
Enter = Callable[..., Page]


@pytest.fixture
def enter(stack: Stack, browser: Browser) -> Iterator[Enter]:
    """A page of a browser of its own, signed in by a one-time link."""
    contexts = []

    def go(user_id: str, role: str, name: str, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(stack.link(user_id, role, name, **more))
        page.wait_for_url("**/guest/" if role == "guest" else "**/staff/")
        expect(page.locator("live-status-indicator")).to_contain_text("Live", timeout=SOON_MS)
        return page

    yield go
    for context in contexts:
        context.close()


def ask(page: Page, item: str) -> None:
    """A guest asks for something."""
    page.locator(f"[data-item={item}]").click()
    page.get_by_role("button", name="Send request").click()


def keeper(enter: Enter) -> Page:
    """A member of housekeeping, on duty."""
    page = enter("staff-housekeeping-1", "staff", "Ana Silva", departments=["housekeeping", "front_desk"])
    begin = page.get_by_role("button", name="Start shift")
    end = page.get_by_role("button", name="End shift")
    deadline = time.monotonic() + SOON_MS / 1000
    while not end.is_visible():
        assert time.monotonic() < deadline, "the shift did not start"
        with contextlib.suppress(TimeoutError):  # an earlier test's shift may be told while we click
            begin.click(timeout=500)
        page.wait_for_timeout(100)
    return page


def test_a_request_travels_to_staff_and_back(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("guest-101", "guest", "Nora Lind", room_id="101")
    ask(guest, "towels")
    mine = guest.locator("request-list li").first
    expect(mine).to_contain_text("Fresh towels", timeout=SOON_MS)
    item = staff.locator("service-queue li").filter(has_text="Fresh towels").first
    for button, state in (("Accept", "Accepted"), ("Start", "Under way"), ("Done", "Done")):
        item.get_by_role("button", name=button).click(timeout=SOON_MS)
        expect(mine.locator(".state")).to_have_text(state, timeout=SOON_MS)
    expect(guest.locator("notification-center .count")).to_be_visible(timeout=SOON_MS)


def test_a_chat_goes_both_ways_and_survives_a_reload(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("guest-102", "guest", "Omar Haddad", room_id="102")
    guest.locator("select.begin").select_option("front_desk")
    guest.locator("chat-widget textarea").fill("When is breakfast?")
    guest.keyboard.press("Enter")
    thread = staff.locator("chat-widget .threads button").filter(has_text="Room 102")
    thread.click(timeout=SOON_MS)
    expect(staff.locator("chat-widget .log")).to_contain_text("When is breakfast?", timeout=SOON_MS)
    staff.locator("chat-widget textarea").fill("From 7 to 10:30.")
    staff.keyboard.press("Enter")
    expect(guest.locator("chat-widget .log")).to_contain_text("From 7 to 10:30.", timeout=SOON_MS)
    guest.reload()
    log = guest.locator("chat-widget .log li p")
    expect(log).to_have_text(["When is breakfast?", "From 7 to 10:30."], timeout=SOON_MS)


def test_a_dropped_connection_recovers_with_nothing_missing(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("guest-103", "guest", "Ida Holm", room_id="103")
    ask(guest, "pillow")
    item = staff.locator("service-queue li").filter(has_text="Extra pillow").first
    expect(item).to_be_visible(timeout=SOON_MS)
    guest.context.set_offline(True)
    expect(guest.locator("live-status-indicator")).to_contain_text("Reconnecting", timeout=SOON_MS)
    item.get_by_role("button", name="Accept").click()
    item.get_by_role("button", name="Start").click(timeout=SOON_MS)
    ask(guest, "taxi")
    guest.context.set_offline(False)
    rows = guest.locator("request-list li")
    expect(rows.filter(has_text="Extra pillow").locator(".state")).to_have_text("Under way", timeout=20_000)
    expect(rows.filter(has_text="Order a taxi")).to_have_count(1, timeout=SOON_MS)


def test_the_emergency_button_says_when_it_was_not_sent(enter: Enter) -> None:
    guest = enter("guest-104", "guest", "Leo Brandt", room_id="104")
    guest.context.set_offline(True)
    guest.get_by_role("button", name="I need help").click()
    guest.get_by_role("button", name="Send emergency").click()
    expect(guest.locator("emergency-button .out")).to_contain_text("NOT sent", timeout=4_500)
    expect(guest.locator("emergency-button .out a")).to_have_attribute("href", "tel:112")


def test_the_dashboard_shows_the_same_truth(enter: Enter, stack: Stack) -> None:
    staff = keeper(enter)
    admin = enter("demo-admin", "admin", "Admin")
    admin.goto(f"{stack.dashboard}/?hotel=harbour")
    expect(admin.get_by_text("Live: data as of").first).to_be_visible(timeout=20_000)
    tile = admin.get_by_test_id("stMetric").filter(has_text="To clean")
    expect(tile).to_be_visible(timeout=20_000)
    staff.locator("[data-room='201']").click()
    staff.locator("[data-dimension=housekeeping]").select_option("dirty")
    expect(staff.locator("[data-room='201']")).to_have_attribute("data-tone", "dirty", timeout=SOON_MS)
    expect(tile).to_contain_text("1", timeout=SOON_MS)
