"""A new build of the pages: one reload later it is here; without the house a whole one is, never a mix."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from gateway.app import WEB
from gateway.pages import Pages
from tests.e2e.visitors import opened, until
from tests.patience import PATIENCE

PARTS = 6
# What the page is made of, as it runs: the page itself, its modules, its style.
MADE_OF = """() => [
  document.documentElement.dataset.build, ...(window.parts ?? []),
  getComputedStyle(document.documentElement).getPropertyValue('--build').trim(),
]"""
READY = """async () => {
  await navigator.serviceWorker.register('/sw.js', { scope: '/' });
  return Boolean(await navigator.serviceWorker.ready);
}"""
# The builds that are kept, and which of them are whole.
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    if (await cache.match('/shell.json')) found.push(await (await cache.match('/js/part0.js')).text());
    else found.push('a part');
  }
  return found;
}"""


def build(folder: Path, name: str) -> None:
    """All files of a build, each with its name in it."""
    for kind in ("guest", "js", "css"):
        (folder / kind).mkdir(exist_ok=True)
    scripts = "".join(f'<script type="module" src="/js/part{n}.js"></script>' for n in range(PARTS))
    (folder / "guest" / "index.html").write_text(
        f'<!doctype html><html data-build="{name}"><head>'
        f'<link rel="stylesheet" href="/css/page.css">{scripts}</head></html>'
    )
    for n in range(PARTS):
        (folder / "js" / f"part{n}.js").write_text(f'(window.parts ??= []).push("{name}");')
    (folder / "css" / "page.css").write_text(f":root {{ --build: {name}; }}")


class House:
    """A server of one folder's pages, that can be away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        # Gives no page, but what pages are made of.
        self.busy = False
        # Does not give the worker this file; how often it asked for it.
        self.torn, self.asked = "", 0
        self._pages = Starlette(routes=[Mount("/", Pages(folder))])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or says that it cannot."""
        headers = dict(scope.get("headers", ()))
        navigates = headers.get(b"sec-fetch-mode") == b"navigate"
        torn = scope.get("path") == self.torn and headers.get(b"sec-fetch-dest") == b"empty"
        self.asked += torn
        if (self.busy and navigates) or torn:
            await Response(status_code=503)(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @contextmanager
    def there(self) -> Iterator[None]:
        """It answers meanwhile, each time at the same address."""
        server = uvicorn.Server(uvicorn.Config(self, host="127.0.0.1", port=self.port, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With the product's own service worker, and pages that tell their build."""
    (tmp_path / "sw.js").write_bytes((WEB / "sw.js").read_bytes())
    return House(tmp_path)


def made_of(page: Page) -> set[str]:
    """The builds of which this page is made; all of its parts are there."""
    found: list[str] = page.evaluate(MADE_OF)
    assert len(found) == PARTS + 2, found
    return set(found)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that was never here."""
    context = opened(browser)
    yield context.new_page()
    context.close()


def comes(page: Page, house: House) -> None:
    """For the first time, until the build is kept."""
    page.goto(f"http://127.0.0.1:{house.port}/guest/")
    assert page.evaluate(READY)
    keeps(page, "one")


def keeps(page: Page, name: str) -> None:
    """Until this build is kept, whole, and no other."""
    until(page, lambda: len(found := page.evaluate(KEPT)) == 1 and f'"{name}"' in found[0])


def test_after_one_reload_a_new_build_is_here(house: House, page: Page) -> None:
    build(house.folder, "one")
    with house.there():
        comes(page, house)
        page.reload()
        assert made_of(page) == {"one"}
    page.reload()  # from what the browser has
    assert made_of(page) == {"one"}
    build(house.folder, "two")
    with house.there():
        page.reload()
        assert made_of(page) == {"two"}
        keeps(page, "two")
    page.reload()
    assert made_of(page) == {"two"}


def test_a_page_of_the_old_build_is_made_of_nothing_new(house: House, page: Page) -> None:
    build(house.folder, "one")
    with house.there():
        comes(page, house)
        build(house.folder, "two")
        house.busy = True  # it comes back while the page is being made
        page.reload()
        assert made_of(page) == {"one"}
        house.busy = False
        page.reload()
        assert made_of(page) == {"two"}


def test_a_build_that_did_not_come_whole_is_not_used(house: House, page: Page) -> None:
    build(house.folder, "one")
    with house.there():
        comes(page, house)
        build(house.folder, "two")
        house.torn = "/js/part3.js"
        page.reload()
        assert made_of(page) == {"two"}
        until(page, lambda: house.asked > 0)
    page.reload()
    assert made_of(page) == {"one"}
