"""What a guest's page says once their stay is over: no room, no announcements, still fire and help."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from schemas.ids import new_id
from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.visitors import Enter, announce, ask, keeper

ROOM = "120"


def test_whose_stay_is_over_keeps_only_what_may_save_them(enter: Enter, stack: Stack) -> None:
    stay = f"R-{new_id()[-8:]}"

    def do(cmd: str, noun: str = "rooms", **d: Any) -> None:
        said = {"id": new_id(), "cmd": cmd, "property_id": HOTEL.property_id, "d": d}
        assert stack.post(f"/api/{noun}", said)["verdict"] == "accepted"

    day = {"arrival": "2026-01-01", "departure": "2026-01-02", "booked_on": "2026-01-01"}
    do("make_reservation", reservation_id=stay, guest_id="guest-120", rate="90", currency="EUR", **day)
    do("set_room_status", room_id=ROOM, dimension="housekeeping", value="clean")
    do("check_in", reservation_id=stay, room_id=ROOM)
    guest = enter("guest-120", "guest", "Emil Roth", room_id=ROOM, reservation_id=stay)
    staff = keeper(enter)
    expect(guest.locator("#person")).to_have_text(f"Room {ROOM}")
    ask(guest, "towels")
    mine = guest.locator("request-list li")
    expect(mine).to_have_count(1)

    do("check_out", reservation_id=stay)
    expect(guest.locator("#person")).to_have_text("Emil Roth")
    expect(guest.get_by_text("You have no room with us at the moment.")).to_be_visible()
    expect(guest.locator("[data-item=towels]")).to_have_count(0)
    expect(mine).to_have_count(1)

    announce(stack, "The sauna is warm.", "Until ten.")
    expect(staff.locator("alert-banner")).to_contain_text("The sauna is warm.")
    place = f"Laundry {stay}"
    do("raise_emergency", "alerts", kind="fire", location=place)
    fire = guest.locator("alert-banner li.emergency").filter(has_text=place)
    expect(fire).to_contain_text("If you are in danger, call 112.")
    expect(guest.locator("alert-banner")).not_to_contain_text("sauna")
    guest.reload()
    expect(fire).to_be_visible()
    expect(guest.locator("alert-banner")).not_to_contain_text("sauna")
    guest.get_by_role("button", name="I need help").click()
    guest.get_by_label("Where?").fill("At the taxi rank")
    guest.get_by_role("button", name="Send emergency").click()
    expect(guest.locator("emergency-button .out")).to_contain_text("The house knows")
    open_ = staff.locator("alert-banner li.emergency")
    expect(open_.filter(has_text="At the taxi rank")).to_be_visible()
    for left in reversed(range(open_.count())):  # each one that is gone moves the others up
        open_.first.get_by_role("button", name="Resolved").click()
        expect(open_).to_have_count(left)
