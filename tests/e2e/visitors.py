"""People with a browser of their own, and networks that let only some ways through."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, WebSocketRoute, expect

from schemas.ids import new_id
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from tests.e2e.conftest import Stack

expect.set_options(timeout=PATIENCE * 1000)
Enter = Callable[..., Page]


@dataclass
class Network:
    """What gets through between a browser and the gateway."""

    sockets: bool = True
    streams: bool = True
    polls: bool = True
    # Open sockets stay so, and nothing comes through them any more.
    deaf: bool = False
    # What the gateway says by the clock comes through.
    beats: bool = True
    # What pages go on from is of no use to the gateway, as if its log no longer went back so far.
    forgotten: bool = False

    def around(self, context: BrowserContext) -> None:
        """From now on this browser is behind it."""
        context.route_web_socket(re.compile("/api/websocket/connection"), self._socket)
        context.route(re.compile(r"/api/websocket/events"), self._http)

    def _socket(self, asked: WebSocketRoute) -> None:
        if not self.sockets:
            asked.close()
            return
        server = asked.connect_to_server()
        asked.on_message(lambda said: None if self.deaf else server.send(self._sent(said)))
        server.on_message(lambda said: None if self._holds_back(said) else asked.send(said))

    def _sent(self, said: str | bytes) -> str | bytes:
        place = '"cur":"of another log"' if self.forgotten else r"\g<0>"
        return re.sub('"cur":"[^"]*"', place, str(said)) if '"t":"sub"' in str(said) else said

    def _holds_back(self, said: str | bytes) -> bool:
        return self.deaf or (not self.beats and '"t":"beat"' in str(said))

    def _http(self, route: Route) -> None:
        polls = "poll=1" in route.request.url or route.request.method == "POST"
        if self.polls if polls else self.streams:
            route.continue_()
        else:
            route.abort()


def opened(browser: Browser, **more: Any) -> BrowserContext:
    """A browser of somebody's own."""
    context = browser.new_context(reduced_motion="reduce", **more)
    context.set_default_timeout(PATIENCE * 1000)
    return context


@contextmanager
def entering(stack: Stack, browser: Browser) -> Iterator[Enter]:
    """Pages of this browser, each as in one of its own, signed in by a one-time link; closed in the end."""
    contexts = []

    def go(
        user_id: str,
        role: str,
        name: str,
        network: Network | None = None,
        live: str = "Live",
        phone: bool = False,
        **more: Any,
    ) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = opened(browser, viewport=size)
        contexts.append(context)
        if network is not None:
            network.around(context)
        page = context.new_page()
        page.goto(stack.link(user_id, role, name, **more))
        page.wait_for_url("**/guest/" if role == "guest" else "**/staff/")
        status(page, live)
        return page

    try:
        yield go
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def enter(stack: Stack, browser: Browser) -> Iterator[Enter]:
    """A page of a browser of its own, signed in by a one-time link."""
    with entering(stack, browser) as go:
        yield go


def until(page: Page, true: Callable[[], bool]) -> None:
    """Until that is so; `page` keeps the browser going meanwhile."""
    for _ in range(int(PATIENCE * 10)):
        if true():
            return
        page.wait_for_timeout(100)
    assert true()


def status(page: Page, words: str) -> None:
    """Until the connection indicator says this, and no more."""
    expect(page.locator("live-status-indicator span")).to_have_text(words)


def ask(page: Page, item: str) -> None:
    """A guest asks for something."""
    page.locator(f"[data-item={item}]").click()
    page.get_by_role("button", name="Send request").click()


def asked_by(staff: Page, room: str) -> Locator:
    """What a room asked for, in the queue of staff."""
    return staff.locator("service-queue li").filter(has=staff.locator(".room", has_text=room)).first


def keeper(enter: Enter, **more: Any) -> Page:
    """A member of housekeeping, on duty."""
    page = enter(
        "staff-housekeeping-1", "staff", "Ana Silva", departments=["housekeeping", "front_desk"], **more
    )
    end = page.get_by_role("button", name="End shift")
    begin = page.get_by_role("button", name="Start shift")
    # One of them, and only once the house has said which.
    expect(begin.or_(end)).to_be_visible()
    if begin.is_visible():
        begin.click()
    expect(end).to_be_visible()
    return page


def announce(stack: Stack, title: str, body: str) -> None:
    """A word to the house, for ten minutes."""
    until = int(time.time() * 1000) + 600_000
    said = {"audience": "house", "title": title, "body": body, "until": until}
    stack.post("/api/announcements", {"id": new_id(), "cmd": "announce", "property_id": "harbour", "d": said})


def begin_chat(guest: Page, department: str) -> None:
    """A guest opens a thread."""
    guest.locator("select.begin").select_option(department)
    expect(guest.locator("chat-widget textarea")).to_be_visible()


def write(page: Page, text: str) -> None:
    """Says something in the chosen thread."""
    page.locator("chat-widget textarea").fill(text)
    page.locator("chat-widget textarea").press("Enter")


def said(page: Page) -> Locator:
    """The bubbles of the chosen thread."""
    return page.locator("chat-widget .log li p")
