"""What is typed without a connection is kept, over a reload too, and goes out once, in its order."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.visitors import Enter, Network, ask, begin_chat, status, write

# Given to somebody at once, if anybody is on duty.
RECEIVED = re.compile("Received|Assigned")
SAID = ["One.", "Two.", "Three."]


def test_what_was_typed_offline_goes_out_once_and_in_order(enter: Enter) -> None:
    network = Network()
    guest = enter("guest-108", "guest", "Eva Lund", network, room_id="108")
    begin_chat(guest, "concierge")
    network.sockets = network.streams = network.polls = False
    guest.context.set_offline(True)
    for text in SAID:
        write(guest, text)
    ask(guest, "taxi")
    bubbles = guest.locator("chat-widget .log li")
    expect(bubbles.locator("small")).to_have_text(["Not sent yet"] * 3)
    guest.context.set_offline(False)  # the pages are reachable, the house is not
    guest.reload()
    expect(guest.locator("live-status-indicator")).to_contain_text("4 not sent yet")
    waiting = guest.locator("request-list li")
    expect(waiting.locator(".state")).to_have_text("Not sent yet")
    expect(bubbles.locator("p")).to_have_text(SAID)
    expect(bubbles.locator("small").first).to_have_text("Not sent yet")
    network.sockets = network.streams = network.polls = True
    guest.evaluate("dispatchEvent(new Event('online'))")
    status(guest, "Live")
    expect(bubbles.locator("small").last).to_contain_text("You,")
    expect(waiting.locator(".state")).to_have_text(RECEIVED)
    guest.reload()
    status(guest, "Live")
    expect(bubbles.locator("p")).to_have_text(SAID)
    expect(waiting).to_have_count(1)


def test_a_house_that_says_nothing_to_what_was_sent_is_not_called_live(enter: Enter) -> None:
    network = Network()
    guest = enter("guest-203", "guest", "Ivo Kern", network, room_id="203")
    begin_chat(guest, "concierge")
    network.deaf = True
    write(guest, "Anybody?")
    expect(guest.locator("live-status-indicator")).to_contain_text("Nothing heard since")


def test_the_emergency_button_says_when_it_was_not_sent(enter: Enter) -> None:
    guest = enter("guest-104", "guest", "Leo Brandt", room_id="104")
    guest.context.set_offline(True)
    guest.get_by_role("button", name="I need help").click()
    guest.get_by_role("button", name="Send emergency").click()
    expect(guest.locator("emergency-button .out")).to_contain_text("NOT sent")
    expect(guest.locator("emergency-button .out a")).to_have_attribute("href", "tel:112")


def test_the_emergency_button_says_when_the_house_refused_it(enter: Enter) -> None:
    guest = enter("guest-999", "guest", "Nobody's Room", room_id="999")
    guest.get_by_role("button", name="I need help").click()
    guest.get_by_role("button", name="Send emergency").click()
    out = guest.locator("emergency-button .out")
    expect(out).to_contain_text("NOT sent: This hotel has no room 999.")
    expect(out.locator("a")).to_have_attribute("href", "tel:112")
    ask(guest, "towels")
    expect(guest.locator("request-form .said")).to_have_text("This hotel has no room 999.")
    expect(guest.locator("request-form [role=status]")).to_be_empty()


def test_two_tabs_of_one_person_both_speak_and_both_hear(enter: Enter) -> None:
    one = enter("guest-109", "guest", "Ben Ito", room_id="109")
    two = one.context.new_page()
    two.goto(one.url)
    status(two, "Live")
    begin_chat(one, "front_desk")
    expect(two.locator("chat-widget textarea")).to_be_visible()
    write(one, "From the first.")
    write(two, "From the second.")
    for tab in (one, two):
        said = tab.locator("chat-widget .log li p")
        expect(said).to_have_count(2)
        assert sorted(said.all_inner_texts()) == ["From the first.", "From the second."]
        status(tab, "Live")


def test_a_slow_phone_can_ask_and_chat(enter: Enter) -> None:
    guest = enter("guest-110", "guest", "Ines Faro", phone=True, room_id="110")
    slow = guest.context.new_cdp_session(guest)
    slow.send("Network.enable")
    # What browsers call slow 3G: 400 ms there and back, 50 kB/s.
    limits = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    slow.send("Network.emulateNetworkConditions", limits)
    guest.reload()
    status(guest, "Live")
    ask(guest, "towels")
    expect(guest.locator("request-list .state")).to_have_text(RECEIVED)
