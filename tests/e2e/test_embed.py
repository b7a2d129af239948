"""docs/how-to/embed-the-elements.md is true: a page of another origin, with its example, works."""

from __future__ import annotations

import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, expect

from infra.runtime import tokens
from infra.simulator import person
from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.visitors import Enter, begin_chat, keeper, opened, status, write

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "embed-the-elements.md"


def example(stack: Stack, token: str) -> str:
    """The guide's page, with this gateway and this token."""
    found = re.search(r"```html\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found
    page = found[1].replace("https://concierge.example", stack.gateway).replace("TOKEN", token)
    return f"<!doctype html><meta charset=utf-8>{page}"


class Elsewhere(BaseHTTPRequestHandler):
    """Somebody else's web server. `page`: what it has."""

    page = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_: object) -> None:
        """Not here."""


def test_a_page_of_another_origin_embeds_the_elements(enter: Enter, stack: Stack, browser: Browser) -> None:
    kai = {"user_id": "guest-117", "role": "guest", "name": "Kai Brandt", "room": "117"}
    token = person.token(stack.settings, property_id=HOTEL.property_id, **kai)
    Elsewhere.page = example(stack, token)
    staff = keeper(enter)
    context = opened(browser)
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        status(page, "Live")
        begin_chat(page, "front_desk")
        write(page, "From the hotel's own page.")
        staff.locator("chat-widget .threads button").filter(has_text="Room 117").click()
        expect(staff.locator("chat-widget .log")).to_contain_text("the hotel's own page")
        context.close()
        server.shutdown()


def test_a_token_that_ends_is_asked_for_and_the_page_goes_on(stack: Stack, browser: Browser) -> None:
    kai = {"user_id": "guest-117", "role": "guest", "name": "Kai Brandt", "room": "117"}
    said = tokens.claims(
        stack.settings, property_id=HOTEL.property_id, now=int(time.time()), minutes=0, **kai
    )  # fmt: skip
    short = tokens.sign(stack.settings, said | {"exp": int(time.time()) + 8})
    Elsewhere.page = example(stack, short)
    context = opened(browser)
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = context.new_page()
        page.add_init_script(
            "window.wanted = 0; addEventListener('token-wanted', () => window.wanted++);"
            "addEventListener('signed-out', () => document.body.dataset.out = 'yes')"
        )
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function("window.wanted > 0")
        expect(page.locator("body[data-out]")).to_have_count(1)  # none came in time
        status(page, "Signed out")
        fresh = person.token(stack.settings, property_id=HOTEL.property_id, **kai)
        page.evaluate(
            "(token) => document.querySelector('websocket-provider').setAttribute('token', token)", fresh
        )
        status(page, "Live")
        context.close()
        server.shutdown()
