"""Two browsers and Streamlit show the same truth: whatever a guest or staff does, all three say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.visitors import opened

Enter = Callable[..., Page]


@pytest.fixture
def enter(stack: Stack, browser: Browser) -> Iterator[Enter]:
    """A page of a browser of its own, signed in by a one-time link."""
    contexts = []

    def go(user_id: str, role: str, **more: Any) -> Page:
        context = opened(browser, viewport={"width": 1280, "height": 1600})
        contexts.append(context)
        page = context.new_page()
        page.goto(stack.link(user_id, role, user_id, **more))
        page.wait_for_url("**/guest/" if role == "guest" else "**/staff/")
        expect(page.locator("live-status-indicator")).to_contain_text("Live")
        return page

    yield go
    for context in contexts:
        context.close()


def dashboard(enter: Enter, stack: Stack, user_id: str) -> Page:
    """Streamlit, as this admin sees it, live."""
    page = enter(user_id, "admin")
    page.goto(f"{stack.dashboard}/?hotel={HOTEL.property_id}")
    expect(page.get_by_text("Live: data as of")).to_have_count(5)
    return page


def tile(page: Page, name: str) -> Locator:
    """The value of one tile."""
    found = page.get_by_test_id("stMetric").filter(has_text=name)
    return found.get_by_test_id("stMetricValue")


def test_two_browsers_and_the_dashboard_agree(enter: Enter, stack: Stack) -> None:
    guest = enter("guest-119", "guest", room_id="119")
    staff = enter("staff-housekeeping-2", "staff", departments=["housekeeping", "front_desk"])
    admin = dashboard(enter, stack, "truth-admin")
    queue, dirty = tile(admin, "0-5 min"), tile(admin, "To clean")
    asked, to_clean = int(queue.inner_text()), int(dirty.inner_text())

    guest.locator("[data-item=towels]").click()
    guest.get_by_role("button", name="Send request").click()
    mine = guest.locator("request-list li").first
    expect(mine).to_contain_text("Fresh towels")
    theirs = staff.locator("service-queue li").filter(has_text="Fresh towels").filter(has_text="119")
    expect(theirs).to_have_count(1)
    expect(queue).to_have_text(str(asked + 1))

    staff.locator("[data-room='119']").click()
    staff.locator("[data-dimension=housekeeping]").select_option("dirty")
    expect(staff.locator("[data-room='119']")).to_have_attribute("data-tone", "dirty")
    expect(dirty).to_have_text(str(to_clean + 1))
    staff.keyboard.press("Escape")

    guest.get_by_role("button", name="I need help").click()
    guest.get_by_role("button", name="Send emergency").click()
    banner = staff.locator("alert-banner li.emergency").filter(has_text="Room 119")
    expect(banner).to_be_visible()
    told = admin.get_by_text("emergency at Room 119")
    expect(told).to_contain_text("nobody has answered yet")
    banner.get_by_role("button", name="I am on my way").click()
    expect(told).to_contain_text("somebody is on the way")
    banner.get_by_role("button", name="Resolved").click()
    expect(banner).to_have_count(0)
    expect(told).to_have_count(0)


def test_who_is_revoked_loses_the_open_dashboard(enter: Enter, stack: Stack) -> None:
    admin = dashboard(enter, stack, "leaving-admin")
    stack.post("/api/auth/revoke", {"property_id": HOTEL.property_id, "kind": "user", "id": "leaving-admin"})
    expect(admin.get_by_text("Your session was ended")).to_be_visible()
    expect(admin.get_by_test_id("stMetric")).to_have_count(0)
