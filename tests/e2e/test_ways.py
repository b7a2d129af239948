"""Networks that break sockets: the same events by stream, else by asking; commands go out too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.visitors import Enter, Network, ask, asked_by, begin_chat, keeper, status, write


@pytest.mark.parametrize(
    ("network", "said", "room"),
    [
        (Network(sockets=False), "Live, by stream", "105"),
        (Network(sockets=False, streams=False), "Live, by asking", "106"),
    ],
    ids=["stream", "poll"],
)
def test_without_sockets_all_goes_on(enter: Enter, network: Network, said: str, room: str) -> None:
    staff = keeper(enter)
    guest = enter(f"guest-{room}", "guest", f"Guest of {room}", network, said, room_id=room)
    ask(guest, "towels")
    rows = guest.locator("request-list li")
    row = asked_by(staff, room)
    row.get_by_role("button", name="Accept").click()
    expect(rows.first.locator(".state")).to_have_text("Accepted")
    begin_chat(guest, "housekeeping")  # a channel more, in the middle of it
    write(guest, f"Is it far, from {room}?")
    staff.locator("chat-widget .threads button").filter(has_text=f"Room {room}").click()
    expect(staff.locator("chat-widget .log")).to_contain_text(f"from {room}?")
    write(staff, "Two minutes.")
    expect(guest.locator("chat-widget .log li p")).to_have_text([f"Is it far, from {room}?", "Two minutes."])
    network.sockets = True  # somewhere else, where sockets are let through
    guest.evaluate("dispatchEvent(new Event('online'))")
    status(guest, "Live")
    row.get_by_role("button", name="Start").click()
    expect(rows.first.locator(".state")).to_have_text("Under way")
    expect(rows).to_have_count(1)


def test_a_socket_that_breaks_goes_on_as_a_stream_where_it_was(enter: Enter) -> None:
    staff = keeper(enter)
    network = Network()
    guest = enter("guest-107", "guest", "Mia Roth", network, room_id="107")
    ask(guest, "pillow")
    row = asked_by(staff, "107")
    expect(row).to_be_visible()
    network.sockets = False
    guest.context.set_offline(True)
    row.get_by_role("button", name="Accept").click()
    guest.context.set_offline(False)
    status(guest, "Live, by stream")
    state = guest.locator("request-list li .state")
    expect(state).to_have_text("Accepted")
    row.get_by_role("button", name="Start").click()
    expect(state).to_have_text("Under way")


def test_a_hello_that_never_arrives_signs_nobody_out(enter: Enter) -> None:
    network = Network()
    guest = enter("guest-207", "guest", "Siv Dahl", network, room_id="207")
    network.deaf = True
    guest.evaluate("dispatchEvent(new Event('offline'))")  # a new socket, whose hello gets lost
    status(guest, "Live, by stream")
    network.deaf = False
    guest.evaluate("dispatchEvent(new Event('online'))")
    status(guest, "Live")
