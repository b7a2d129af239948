"""The whole product for the session, as `concierge up` starts it, and browsers to look at it."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from infra import chromium
from infra.bench import stack as bench
from infra.runtime.settings import Settings
from infra.simulator import person
from infra.simulator.furnish import furnish
from infra.simulator.layout import hotel
from tests.patience import PATIENCE

HOTEL = hotel(0, 60)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product. `gateway`, `dashboard`: addresses; `settings`: its own, secrets included."""

    gateway: str
    dashboard: str
    settings: Settings

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What the gateway answers to a system."""
        token = person.token(self.settings, user_id="tests", role="system", property_id="*")
        request = urllib.request.Request(
            self.gateway + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def link(self, user_id: str, role: str, name: str, **more: Any) -> str:
        """A link that signs this person in once."""
        body = {"user_id": user_id, "role": role, "name": name, "property_id": HOTEL.property_id, **more}
        return f"{self.gateway}/#code={self.post('/api/auth/codes', body)['code']}"


async def furnished(settings: Settings) -> None:
    """A hotel of 60 rooms, so that tests keep out of each other's, with its catalogue and its people."""
    async with person.client(settings, user_id="tests", role="system", property_id="*") as office:
        await furnish(office.rest, HOTEL)


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`concierge up` on free ports and a fresh folder; it must stop in order."""
    # The push service of the tests is here.
    product = bench.Stack(tmp_path_factory.mktemp("stack"), push_allow_loopback="true")
    product.start()
    try:
        product.wait()
        gateway, dashboard = (f"http://127.0.0.1:{product.ports[name]}" for name in ("GATEWAY", "DASHBOARD"))
        product.settle()
        with ThreadPoolExecutor(1) as thread:  # an open browser's event loop runs in this one
            thread.submit(asyncio.run, furnished(product.settings)).result()
        yield Stack(gateway, dashboard, product.settings)
    finally:
        product.stop()


def path() -> str | None:
    """Of Chromium: the one of CHROMIUM, else the one that `make chromium` found or got."""
    return os.environ.get("CHROMIUM") or chromium.installed()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium for all tests here.

    Closed after the last of them: while it is open, its event loop runs in the tests' own thread.
    """
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path(), args=FLAGS) as opened,
    ):
        yield opened
