"""A minute away, all at once: without a network, as a tab whose process stands still, as a laptop asleep."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.oracle.reading import read
from schemas import topics
from tests.e2e.conftest import FLAGS, Stack, path
from tests.e2e.processes import processes, renderer, stopped
from tests.e2e.tabs import LEADS, beside, lines
from tests.e2e.visitors import ask, asked_by, begin_chat, entering, keeper, said, status, until, write

MINUTE = 60.0
# A tab that does not answer for 8 s leads no more (docs/how-to/embed-the-elements.md); the rest is for a slow
# machine.
REPLACED = 15.0
OFFLINE, TABS, ASLEEP = "120", "302", "303"
# The events themselves, before the page makes one of two; what was before may come so or in a snapshot.
HEAR = """() => {
  const { client } = document.querySelector('websocket-provider');
  window.heard = [];
  client.addEventListener('event', ({ detail: { type, d } }) => {
    if (type === 'new_message' && d.text !== 'Before.') heard.push(d.text);
  });
  client.tabs.addEventListener('led', () => (window.ledAt ??= Date.now()));
}"""
THERE = "document.querySelector('websocket-provider').store.of('online').get('asleep').state"


@dataclass(frozen=True, slots=True)
class Minute:
    """The end of it. `tabs`: the first one stands still; `took`: s until the second led."""

    staff: Page
    offline: Page
    tabs: tuple[Page, Page]
    took: float
    asleep: Page
    still: ExitStack
    sleep: ExitStack


@pytest.fixture(scope="module")
def minute(stack: Stack, browser: Browser) -> Iterator[Minute]:
    """Three guests are away in the middle of a chat; one of them asks for something, staff goes on."""
    with ExitStack() as closing:
        enter = closing.enter_context(entering(stack, browser))
        laptop = closing.enter_context(browser.browser_type.launch(executable_path=path(), args=FLAGS))
        open_laptop = closing.enter_context(entering(stack, laptop))
        still, sleep = (closing.enter_context(ExitStack()) for _ in range(2))
        staff = keeper(enter)
        offline = enter("offline", "guest", "Nils Aho", room_id=OFFLINE)
        one = enter("tabs", "guest", "Elin Dahl", room_id=TABS)
        two = beside(one)
        asleep = open_laptop("asleep", "guest", "Kim Roos", room_id=ASLEEP)
        for page in (offline, one, asleep):
            begin_chat(page, "front_desk")
            write(page, "Before.")
        ask(offline, "towels")
        towels = asked_by(staff, OFFLINE)
        expect(towels).to_be_visible()
        for page in (offline, one, two, asleep):
            expect(said(page)).to_have_text(["Before."])
            page.evaluate(HEAR)

        sleep.enter_context(stopped(*[pid for _, pid in processes(laptop)]))
        standing = renderer(browser, one)
        assert standing != renderer(browser, two)
        still.enter_context(stopped(standing))
        stood = time.time()
        write(two, "Into the void?")
        offline.context.set_offline(True)
        began = time.monotonic()

        talk_to(staff, OFFLINE)
        write(offline, "Off 1.")
        write(staff, "Staff 1.")
        towels.get_by_role("button", name="Accept").click()
        ask(offline, "pillow")
        write(offline, "Off 2.")
        write(staff, "Staff 2.")
        towels.get_by_role("button", name="Start").click()
        write(offline, "Off 3.")
        write(staff, "Staff 3.")
        expect(said(staff)).to_have_text(["Before.", "Staff 1.", "Staff 2.", "Staff 3."])

        until(two, lambda: two.evaluate(LEADS))
        took = two.evaluate("ledAt") / 1000 - stood
        talk_to(staff, TABS)
        expect(said(staff)).to_have_text(["Before.", "Into the void?"])
        write(staff, "Who is there?")
        expect(said(two)).to_have_text(["Before.", "Into the void?", "Who is there?"])
        write(two, "The other one.")
        talk_to(staff, ASLEEP)
        for text in ("Are you asleep?", "Good night."):
            write(staff, text)

        indicator = offline.locator("live-status-indicator")
        expect(indicator).to_contain_text("Offline since")
        until(staff, lambda: staff.evaluate(THERE) == "offline")  # the gateway takes it for dead
        talk_to(staff, ASLEEP)
        write(staff, "Still?")
        until(staff, lambda: time.monotonic() - began > MINUTE)
        expect(indicator).to_contain_text("4 not sent yet")
        yield Minute(staff, offline, (one, two), took, asleep, still, sleep)


def talk_to(staff: Page, room: str) -> None:
    """This room's chat, from now on."""
    thread = staff.locator("chat-widget .threads button").filter(has_text=f"Room {room}")
    thread.click()
    expect(thread).to_have_attribute("aria-pressed", "true")


def logged(stack: Stack, guest_id: str) -> tuple[list[str], list[str]]:
    """What was said in this guest's chat and what they asked for, as the log has it, in its order."""
    texts, items = list[str](), list[str]()

    async def look() -> None:
        log = await read(stack.settings, (topics.CHATS, topics.SERVICES))
        found: list[Any] = [one.record() for _, records in sorted(log.records.items()) for one in records]
        (thread,) = [
            one.thread_id for one in found if getattr(one, "thread_opened", None) and one.actor_id == guest_id
        ]
        for one in found:
            if getattr(one, "thread_id", "") == thread and one.message_sent:
                texts.append(one.message_sent.text)
            elif one.actor_id == guest_id:
                items.extend(fact.requested.item for fact in getattr(one, "facts", ()) if fact.requested)

    with ThreadPoolExecutor(1) as thread:  # an open browser's event loop runs in this one
        thread.submit(asyncio.run, look()).result()
    return texts, items


def test_a_minute_without_a_network_loses_doubles_and_reorders_nothing(minute: Minute, stack: Stack) -> None:
    guest, staff = minute.offline, minute.staff
    talk_to(staff, OFFLINE)
    guest.context.set_offline(False)
    status(guest, "Live")
    whole = ["Before.", "Staff 1.", "Staff 2.", "Staff 3.", "Off 1.", "Off 2.", "Off 3."]
    rows = guest.locator("request-list li")
    for kept in (False, True):
        for page in (guest, staff):
            expect(said(page)).to_have_text(whole)
        own = guest.locator("chat-widget .log li.mine small")
        expect(own).to_have_text([re.compile("^You, .*, read$")] * 4)
        expect(staff.locator("chat-widget .log li.mine small")).to_have_text([re.compile(", read$")] * 3)
        expect(rows).to_have_count(2)
        expect(rows.filter(has_text="Fresh towels").locator(".state")).to_have_text("Under way")
        expect(rows.filter(has_text="Extra pillow").locator(".state")).to_have_text("Assigned")
        queued = staff.locator("service-queue li").filter(has_text=OFFLINE)
        expect(queued.filter(has_text="Extra pillow")).to_have_count(1)
        if not kept:
            assert guest.evaluate("heard") == whole[1:]
            guest.reload()
            status(guest, "Live")
    assert logged(stack, "offline") == (whole, ["towels", "pillow"])


def test_a_leader_whose_process_stands_still_is_replaced_in_time_and_comes_back_whole(
    minute: Minute, stack: Stack
) -> None:
    one, two = minute.tabs
    assert minute.took < REPLACED
    minute.still.close()
    until(one, lambda: not one.evaluate(LEADS))
    until(two, lambda: lines(one, two) == 1)
    assert two.evaluate(LEADS)
    write(one, "Back again.")
    whole = ["Before.", "Into the void?", "Who is there?", "The other one.", "Back again."]
    talk_to(minute.staff, TABS)
    for page in (one, two, minute.staff):
        expect(said(page)).to_have_text(whole)
    for tab in (one, two):
        status(tab, "Live")
        assert tab.evaluate("heard") == whole[1:]
    assert logged(stack, "tabs") == (whole, [])


def test_a_laptop_that_slept_comes_back_whole(minute: Minute, stack: Stack) -> None:
    guest, staff = minute.asleep, minute.staff
    minute.sleep.close()
    talk_to(staff, ASLEEP)
    whole = ["Before.", "Are you asleep?", "Good night.", "Still?"]
    expect(said(guest)).to_have_text(whole)
    status(guest, "Live")
    write(guest, "Good morning.")
    whole.append("Good morning.")
    for page in (guest, staff):
        expect(said(page)).to_have_text(whole)
    assert guest.evaluate("heard") == whole[1:]
    guest.reload()
    expect(said(guest)).to_have_text(whole)
    assert logged(stack, "asleep") == (whole, [])
