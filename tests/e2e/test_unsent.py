"""What waits to be sent when a session or a stay ends: nobody else's, and the person is told."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from schemas.ids import new_id
from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.test_kept import DUMP, KEEP, written
from tests.e2e.visitors import Enter, Network, ask, asked_by, begin_chat, keeper, said, status, until, write

# More at once than the 60 and 20 a second that a person may.
HURRIED = 120


def away(network: Network, page: Page, gone: bool) -> None:
    """The house is out of reach, or in reach again; the page's own files are not concerned."""
    network.sockets = network.streams = network.polls = not gone
    page.context.set_offline(gone)


def test_what_was_not_sent_before_a_revocation_waits_for_who_wrote_it(enter: Enter, stack: Stack) -> None:
    staff = keeper(enter)
    who = {"user_id": "unsent-1", "role": "guest", "name": "Ylva Strand", "room_id": "208"}
    network = Network()
    first = enter(**who, network=network)
    begin_chat(first, "front_desk")
    write(first, "Before.")
    staff.locator("chat-widget .threads button").filter(has_text="Room 208").first.click()
    expect(said(staff)).to_have_text(["Before."])
    away(network, first, gone=True)
    write(first, "Not yet.")
    ask(first, "towels")
    expect(first.locator("live-status-indicator")).to_contain_text("2 not sent yet")
    stack.post("/api/auth/revoke", {"property_id": HOTEL.property_id, "kind": "user", "id": "unsent-1"})
    away(network, first, gone=False)
    first.wait_for_url("**/?out=sign-in&unsent=2")
    expect(first.locator("#said")).to_contain_text("2 things that you wrote were not sent")

    other = first.context.new_page()
    other.goto(stack.link("unsent-2", "guest", "Otto Ness", room_id="209"))
    status(other, "Live")
    begin_chat(other, "front_desk")
    write(other, "By the second.")
    ask(other, "pillow")
    expect(asked_by(staff, "209")).to_contain_text("Extra pillow")
    expect(said(other)).to_have_text(["By the second."])
    expect(other.locator("request-list li")).to_have_count(1)
    expect(said(staff)).to_have_text(["Before."])
    expect(staff.locator("service-queue li").filter(has_text="208")).to_have_count(0)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/?out=asked")

    first.goto(stack.link(**who))
    status(first, "Live")
    expect(said(first)).to_have_text(["Before.", "Not yet."])
    expect(said(staff)).to_have_text(["Before.", "Not yet."])
    expect(asked_by(staff, "208")).to_contain_text("Fresh towels")
    expect(first.locator("request-list li")).to_have_count(1)


def test_a_check_out_wipes_what_the_page_kept_and_says_what_was_not_sent(enter: Enter, stack: Stack) -> None:
    room, stay, who = "210", f"R-{new_id()[-8:]}", "unsent-3"

    def do(cmd: str, **d: Any) -> None:
        asked = {"id": new_id(), "cmd": cmd, "property_id": HOTEL.property_id, "d": d}
        assert stack.post("/api/rooms", asked)["verdict"] == "accepted"

    day = {"arrival": "2026-01-01", "departure": "2026-01-02", "booked_on": "2026-01-01"}
    do("make_reservation", reservation_id=stay, guest_id=who, rate="90", currency="EUR", **day)
    do("set_room_status", room_id=room, dimension="housekeeping", value="clean")
    do("check_in", reservation_id=stay, room_id=room)
    network = Network()
    guest = enter(who, "guest", "Pia Wolff", network, room_id=room, reservation_id=stay)
    begin_chat(guest, "concierge")
    write(guest, "Of that stay.")
    ask(guest, "towels")
    written(guest, "Of that stay.")
    written(guest, "towels")
    away(network, guest, gone=True)
    ask(guest, "taxi")
    expect(guest.locator("live-status-indicator")).to_contain_text("1 not sent yet")
    do("check_out", reservation_id=stay)
    away(network, guest, gone=False)
    expect(guest.get_by_text("You have no room with us at the moment.")).to_be_visible()
    expect(guest.locator("#person")).to_have_text("Pia Wolff")
    expect(guest.locator("request-form .said")).to_have_text("Your stay in this room is over.")
    expect(guest.locator("request-list li")).to_have_count(1)
    until(guest, lambda: guest.evaluate(DUMP) == {"concierge": "[]", "concierge known": "[]"})
    write(guest, "Where is my bag?")
    expect(said(guest)).to_have_text(["Of that stay.", "Where is my bag?"])
    guest.evaluate(KEEP)  # nor is anything kept again
    until(guest, lambda: guest.evaluate(DUMP) == {"concierge": "[]", "concierge known": "[]"})


# The page's own client says these faster than a person may, and the last one once there is room for one.
HURRY = """async count => {
  const { client } = document.querySelector("websocket-provider");
  const thread_id = document.querySelector("chat-widget").thread;
  for (let n = 1; n <= count; n++) {
    if (n === count) await new Promise((go) => setTimeout(go, 150));
    client.send("chat.send", { thread_id, text: `No. ${n}` });
  }
}"""
WAITING = "document.querySelector('websocket-provider').client.outbox.pending.length"


def test_who_says_more_than_a_person_may_is_heard_later_and_in_the_same_order(enter: Enter) -> None:
    guest = enter("unsent-4", "guest", "Tove Holm", room_id="212")
    begin_chat(guest, "concierge")
    write(guest, "First.")
    expect(said(guest)).to_have_text(["First."])
    guest.evaluate(HURRY, HURRIED)
    until(guest, lambda: guest.evaluate(WAITING) == 0)
    guest.reload()
    expect(said(guest).last).to_have_text(f"No. {HURRIED}")
    texts = said(guest).all_inner_texts()
    assert texts == ["First.", *[f"No. {n}" for n in range(1, HURRIED + 1)]][-len(texts) :]
    assert len(texts) > 40
