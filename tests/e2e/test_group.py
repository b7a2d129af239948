"""Who is of the whole group chooses a hotel, by keyboard too, and works in it; nobody else is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.test_access import check
from tests.e2e.visitors import Enter, keeper, opened, status

LAKE = {
    "property_id": "lakeside",
    "property": {
        "name": "Lakeside Lodge",
        "time_zone": "Europe/Vienna",
        "currency": "EUR",
        "departments": ["front_desk"],
    },
    "rooms": [{"room_id": "L1", "room_type": "double", "floor": 1, "zone_id": "lake"}],
}


@pytest.fixture
def lake(stack: Stack) -> str:
    """A second hotel, with a room of its own."""
    stack.post("/api/settings", LAKE)
    word = {"room_id": "L1", "dimension": "housekeeping", "value": "dirty"}
    said = {"id": f"lake-{word['value']}", "cmd": "set_room_status", "property_id": "lakeside", "d": word}
    stack.post("/api/rooms", said)
    return str(LAKE["property_id"])


@pytest.fixture
def group(stack: Stack, browser: Browser, lake: str) -> Iterator[Page]:
    """The staff page of an admin of every hotel, who has not chosen one."""
    context = opened(browser, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(stack.link("root", "admin", "Rae Quinn", property_id="*"))
    page.wait_for_url("**/staff/")
    expect(page.get_by_label("Hotel")).to_be_visible()
    yield page
    context.close()


def room(page: Page, name: str) -> None:
    """The board has this room."""
    expect(page.locator(f"room-board [data-room='{name}']")).to_be_visible()


def test_a_hotel_is_chosen_by_keyboard_and_worked_in(group: Page, enter: Enter) -> None:
    hotel = group.get_by_label("Hotel")
    expect(group.get_by_role("status").filter(has_text="every hotel")).to_be_visible()
    check(group)
    group.get_by_role("button", name="Open").click()
    assert "hotel=" not in group.url, "none was chosen"
    hotel.focus()
    group.keyboard.type("Lake")
    group.keyboard.press("Tab")
    expect(group.get_by_role("button", name="Open")).to_be_focused()
    group.keyboard.press("Enter")
    group.wait_for_url("**/staff/?hotel=lakeside")
    status(group, "Live")
    expect(group.locator("#house")).to_have_text("Lakeside Lodge")
    expect(hotel).to_have_value("lakeside")
    room(group, "L1")
    check(group)
    for personal in ("chat-widget", "notification-center", "push-notification-manager"):
        expect(group.locator(personal)).to_be_hidden()

    form = group.locator("announce-form")
    form.get_by_label("Title").fill("The jetty is closed.")
    form.get_by_label("Message").fill("Until noon.")
    form.get_by_role("button").click()
    expect(group.locator("alert-banner")).to_contain_text("The jetty is closed.")
    elsewhere = keeper(enter)
    expect(elsewhere.locator("alert-banner")).not_to_contain_text("jetty")

    hotel.select_option(HOTEL.property_id)
    group.get_by_role("button", name="Open").click()
    group.wait_for_url(f"**/staff/?hotel={HOTEL.property_id}")
    status(group, "Live")
    room(group, HOTEL.rooms[0].room_id)
    expect(group.locator("room-board [data-room='L1']")).to_have_count(0)
    expect(group.locator("alert-banner")).not_to_contain_text("jetty")


def test_an_address_of_a_hotel_that_is_not_there_asks_again(group: Page, stack: Stack) -> None:
    group.goto(f"{stack.gateway}/staff/?hotel=nowhere")
    expect(group.get_by_text("There is no such hotel.")).to_be_visible()


def test_who_is_of_one_hotel_is_asked_nothing_whatever_the_address_says(
    enter: Enter, stack: Stack, lake: str
) -> None:
    staff = keeper(enter)
    staff.goto(f"{stack.gateway}/staff/?hotel={lake}")
    status(staff, "Live")
    room(staff, HOTEL.rooms[0].room_id)
    expect(staff.get_by_label("Hotel")).to_be_hidden()
