"""Tabs of one person have one connection between them, whichever of them goes, sleeps or comes."""

from __future__ import annotations

import re
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Stack
from tests.e2e.processes import plain
from tests.e2e.tabs import LEADS, beside, lines
from tests.e2e.visitors import Enter, Network, ask, begin_chat, keeper, said, status, until, write

# Nobody hears it, and it hears nobody: as a frozen tab, that still has the lock.
DEAF = "document.querySelector('websocket-provider').client.tabs.channel.onmessage = null"
ALONE = {
    "no locks": "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })",
    "no channel": "delete window.BroadcastChannel",
}


def sockets(stack: Stack) -> float:
    """How many there are at the gateway."""
    with urllib.request.urlopen(f"{stack.gateway}/metrics") as answer:
        found = re.search(
            r'^concierge_connections\{transport="websocket"\} (\S+)', answer.read().decode(), re.M
        )
    return float(found[1]) if found else 0.0


def at_rest(page: Page, stack: Stack) -> float:
    """How many sockets there are, once those of the tests before are gone."""
    seen = [sockets(stack)]
    while len(seen) < 4 or len(set(seen[-4:])) > 1:
        page.wait_for_timeout(300)
        seen.append(sockets(stack))
    return seen[-1]


def test_two_tabs_have_one_connection_and_the_same_truth(enter: Enter, stack: Stack) -> None:
    one = enter("tabs-1", "guest", "Aino Salo", room_id="111")
    alone = at_rest(one, stack)
    ask(one, "pillow")
    expect(one.locator("request-list .state")).to_have_text(re.compile("Received|Assigned"))
    two = beside(one)
    assert (one.evaluate(LEADS), two.evaluate(LEADS)) == (True, False)
    assert at_rest(two, stack) == alone
    begin_chat(two, "concierge")
    write(two, "From the second.")
    write(one, "From the first.")
    ask(two, "towels")
    for tab in (one, two):
        expect(said(tab)).to_have_text(["From the second.", "From the first."])
        expect(tab.locator("request-list li")).to_have_count(2)
        expect(tab.locator("chat-widget .log li.waits")).to_have_count(0)
        status(tab, "Live")
    two.close()
    status(one, "Live")
    assert at_rest(one, stack) == alone


def test_staff_see_who_is_there_in_every_tab(enter: Enter) -> None:
    one = keeper(enter)
    two = beside(one)
    assert lines(one, two) == 1
    there = "document.querySelector('websocket-provider').store.of('online').has('staff-housekeeping-1')"
    for tab in (one, two):
        until(tab, partial(tab.evaluate, there))
    one.locator("room-board [data-room='118']").click()
    one.locator("[data-dimension=housekeeping]").select_option("dirty")
    for tab in (one, two):
        expect(tab.locator("[data-room='118']")).to_have_attribute("data-tone", "dirty")


def test_who_comes_right_after_the_line_came_back_waits_for_no_beat(enter: Enter) -> None:
    one = keeper(enter, network=Network(beats=False))
    there = "document.querySelector('websocket-provider').store.of('online').has('staff-housekeeping-1')"
    until(one, lambda: one.evaluate(there))
    again = "client => { client.line.close(); return client.lines; }"
    before = one.evaluate(f"({again})(document.querySelector('websocket-provider').client)")
    until(one, lambda: one.evaluate("document.querySelector('websocket-provider').client.lines") > before)
    status(one, "Live")
    two = beside(one)
    assert not two.evaluate(LEADS)
    # Of who is there only a snapshot tells, which must not cut off what the line is just told again.
    until(two, lambda: two.evaluate(there))


def test_the_leader_goes_in_the_middle_of_a_chat(enter: Enter) -> None:
    staff = keeper(enter)
    one = enter("tabs-2", "guest", "Mats Ek", room_id="112")
    two = beside(one)
    begin_chat(one, "front_desk")
    write(one, "One.")
    expect(said(two)).to_have_text(["One."])
    staff.locator("chat-widget .threads button").filter(has_text="Room 112").click()
    for n in range(5):
        write(two, f"Two {n}.")
        if n == 2:
            one.close()
        write(staff, f"Staff {n}.")
    expect(said(two)).to_have_count(11)
    texts = said(two).all_inner_texts()
    assert [one for one in texts if one.startswith("Two")] == [f"Two {n}." for n in range(5)]
    assert [one for one in texts if one.startswith("Staff")] == [f"Staff {n}." for n in range(5)]
    expect(said(staff)).to_have_text(texts)
    assert two.evaluate(LEADS)
    status(two, "Live")
    assert lines(two) == 1
    two.reload()
    expect(said(two)).to_have_text(texts)


def test_a_follower_without_a_network_loses_nothing(enter: Enter) -> None:
    staff = keeper(enter)
    network = Network()
    one = enter("tabs-3", "guest", "Juli Baum", network, room_id="113")
    two = beside(one)
    begin_chat(two, "front_desk")
    write(two, "Before.")
    # The newest is first; others of that room talked to the desk before.
    staff.locator("chat-widget .threads button").filter(has_text="Room 113").first.click()
    expect(said(staff)).to_have_text(["Before."])
    network.sockets = network.streams = network.polls = False
    two.context.set_offline(True)
    expect(two.locator("live-status-indicator")).to_contain_text(re.compile("Offline since|Reconnecting"))
    write(two, "Meanwhile 1.")
    ask(two, "taxi")
    write(two, "Meanwhile 2.")
    write(staff, "Are you there?")
    expect(two.locator("live-status-indicator")).to_contain_text("Offline since")
    expect(two.locator("live-status-indicator")).to_contain_text("3 not sent yet")
    network.sockets = network.streams = network.polls = True
    two.context.set_offline(False)
    status(two, "Live")
    for tab in (one, two):
        expect(said(tab)).to_have_text(["Before.", "Are you there?", "Meanwhile 1.", "Meanwhile 2."])
        expect(tab.locator("request-list li")).to_have_count(1)
        expect(tab.locator("request-list .state")).to_have_text(re.compile("Received|Assigned"))


def test_what_a_tab_queued_is_sent_by_the_next_leader(enter: Enter) -> None:
    network = Network()
    one = enter("tabs-4", "guest", "Rita Moe", network, room_id="114")
    two, three = beside(one), beside(one)
    begin_chat(two, "concierge")
    network.sockets = network.streams = network.polls = False
    one.context.set_offline(True)
    write(two, "From who is gone.")
    expect(two.locator("chat-widget .log small")).to_have_text("Not sent yet")
    two.close()
    one.close()
    network.sockets = network.streams = network.polls = True
    three.context.set_offline(False)
    status(three, "Live")
    expect(said(three)).to_have_text(["From who is gone."])
    expect(three.locator("chat-widget .log small")).to_contain_text("You,")
    three.reload()
    expect(said(three)).to_have_text(["From who is gone."])


def test_a_leader_that_answers_no_more_is_replaced_and_notices(enter: Enter) -> None:
    one = enter("tabs-5", "guest", "Emil Rask", room_id="115")
    two = beside(one)
    begin_chat(two, "concierge")
    one.evaluate(DEAF)
    write(two, "Into the void?")
    until(two, lambda: two.evaluate(LEADS))
    expect(said(two)).to_have_text(["Into the void?"])
    expect(two.locator("chat-widget .log small")).to_contain_text("You,")
    until(one, lambda: not one.evaluate(LEADS))
    until(two, lambda: lines(one, two) == 1)


@pytest.mark.parametrize("sockets", [True, False], ids=["socket", "stream"])
def test_a_frozen_leader_hands_over_and_comes_back(
    stack: Stack, browser: Browser, tmp_path: Path, sockets: bool
) -> None:
    live, user = ("Live", "tabs-6") if sockets else ("Live, by stream", "tabs-11")
    with plain(browser.browser_type, tmp_path) as context:
        Network(sockets=sockets).around(context)
        one = context.new_page()
        one.goto(stack.link(user, "guest", "Gro Vik", room_id="116"))
        one.wait_for_url("**/guest/")
        status(one, live)
        two = beside(one, live)
        begin_chat(two, "concierge")
        expect(one.locator("chat-widget textarea")).to_be_visible()
        one.evaluate("() => { window.ticks = 0; setInterval(() => ticks++, 50); }")
        page = context.new_cdp_session(one)
        page.send("Page.setWebLifecycleState", {"state": "frozen"})
        until(two, lambda: two.evaluate(LEADS))
        ticks = one.evaluate("ticks")
        write(two, "While it slept.")
        expect(two.locator("chat-widget .log small")).to_contain_text("You,")
        assert one.evaluate("ticks") == ticks, "it is not frozen"
        expect(said(one)).to_have_count(0)
        page.send("Page.setWebLifecycleState", {"state": "active"})
        one.bring_to_front()
        expect(said(one)).to_have_text(["While it slept."])
        assert not one.evaluate(LEADS)
        if sockets:
            until(two, lambda: lines(one, two) == 1)
        write(one, "Awake.")
        for tab in (one, two):
            expect(said(tab)).to_have_text(["While it slept.", "Awake."])


def test_who_signs_out_does_so_in_every_tab(enter: Enter) -> None:
    one = enter("tabs-7", "guest", "Siri Holm", room_id="117")
    two = beside(one)
    two.get_by_role("button", name="Sign out").click()
    for tab in (one, two):
        tab.wait_for_url("**/?out=asked")


@pytest.mark.parametrize("sockets", [True, False], ids=["socket", "stream"])
def test_another_person_in_the_same_browser_says_nothing_in_ones_name(
    enter: Enter, stack: Stack, sockets: bool
) -> None:
    staff = keeper(enter)
    live = "Live" if sockets else "Live, by stream"
    room = "121" if sockets else "122"
    first = enter(f"first-{room}", "guest", "Vera Lund", Network(sockets=sockets), live, room_id=room)
    begin_chat(first, "front_desk")
    write(first, "Mine.")
    expect(said(first)).to_have_text(["Mine."])
    other = first.context.new_page()
    other.goto(stack.link(f"second-{room}", "guest", "Otto Rask", room_id=room))
    status(other, live)
    begin_chat(other, "front_desk")
    # The first one's tab comes back with the second one's cookie.
    first.context.set_offline(True)
    write(first, "Never the other one's.")
    first.context.set_offline(False)
    first.wait_for_url("**/?out=sign-in&unsent=1")
    status(other, live)
    write(other, "By the second.")
    expect(said(other)).to_have_text(["By the second."])
    for thread in staff.locator("chat-widget .threads button").filter(has_text=f"Room {room}").all():
        thread.click()
        expect(staff.locator("chat-widget .log")).to_contain_text(re.compile("Mine|By the second"))
        expect(staff.locator("chat-widget .log")).not_to_contain_text("Never")


def test_tabs_share_a_lesser_way_too(enter: Enter) -> None:
    network = Network(sockets=False)
    one = enter("tabs-8", "guest", "Una Dal", network, "Live, by stream", room_id="118")
    two = beside(one, "Live, by stream")
    begin_chat(two, "concierge")
    write(two, "By stream.")
    expect(said(one)).to_have_text(["By stream."])
    one.close()
    write(two, "Still.")
    status(two, "Live, by stream")
    expect(said(two)).to_have_text(["By stream.", "Still."])


@pytest.mark.parametrize("missing", ALONE.values(), ids=ALONE)
def test_where_tabs_cannot_share_each_has_its_own(enter: Enter, missing: str) -> None:
    who = "tabs-9" if "locks" in missing else "tabs-10"
    one = enter(who, "guest", "Bo Berg", room_id="119")
    one.context.add_init_script(missing)
    one.reload()
    status(one, "Live")
    two = beside(one)
    assert lines(one, two) == 2
    begin_chat(one, "concierge")
    expect(two.locator("chat-widget textarea")).to_be_visible()
    write(one, "From the first.")
    expect(said(two)).to_have_text(["From the first."])
    write(two, "From the second.")
    for tab in (one, two):
        expect(said(tab)).to_have_text(["From the first.", "From the second."])
