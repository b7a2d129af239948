"""Every response carries the headers, and our pages hold nothing that the policy would block."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import async_playwright, expect

from gateway.app import WEB
from gateway.headers import HEADERS, POLICY, SecurityHeaders
from infra.chromium import installed
from schemas.ids import new_id
from tests.gateway.support import Running, token
from tests.patience import PATIENCE, until

PAGES = [WEB / "index.html", WEB / "guest" / "index.html", WEB / "staff" / "index.html"]


@pytest.mark.parametrize(
    "path", ["/", "/staff/", "/sw.js", "/healthz", "/api/rooms", "/api/none", "/nothing"]
)
async def test_every_response_has_them(gateway: Running, path: str) -> None:
    async with gateway.web() as web:
        found = await web.get(path)
    assert {name: found.headers.get(name) for name in HEADERS} == HEADERS, found.status_code


async def test_other_origins_may_speak_for_a_token_and_never_for_a_cookie(gateway: Running) -> None:
    asks = {"Origin": "https://hotel.example", "Access-Control-Request-Method": "POST"}
    async with gateway.web() as web:
        preflight = await web.options("/api/services", headers=asks)
        refused = await web.get("/api/services", headers={"Origin": "https://hotel.example"})
        closed = [await web.get(path) for path in ("/metrics", "/staff/", "/schemas/ids/1")]
    assert preflight.status_code == 204
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    for answer in (preflight, refused):
        assert answer.headers["access-control-allow-origin"] == "*"
        for name in ("stale-since", "retry-after", "ratelimit", "ratelimit-policy"):
            assert name in answer.headers["access-control-expose-headers"].split(", ")
        assert "access-control-allow-credentials" not in answer.headers
    assert not any("access-control-allow-origin" in answer.headers for answer in closed)


async def test_what_fails_inside_the_app_has_them_too() -> None:
    app = FastAPI()

    @app.get("/")
    async def fail() -> None:
        raise RuntimeError

    inside = httpx.ASGITransport(SecurityHeaders(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=inside, base_url="http://here") as web:
        found = await web.get("/")
    assert found.status_code == 500
    assert found.headers.items() >= {name.lower(): value for name, value in HEADERS.items()}.items()


async def test_a_browser_shows_the_pages_and_blocks_nothing(gateway: Running) -> None:
    own, said = "csp" + new_id()[-6:], list[str]()
    admin = {"Authorization": f"Bearer {token('admin', own)}"}
    settings = {
        "property_id": own,
        "property": {"name": "Pages", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["x"]},
    }
    who = {"user_id": "anna", "role": "staff", "property_id": own, "name": "Anna", "departments": ["x"]}
    async with gateway.web(headers=admin) as web:
        assert (await web.post("/api/settings", json=settings)).status_code == 200

        async def made() -> Any:
            answer = await web.post("/api/auth/codes", json=who)
            return answer.is_success and answer.json()["code"]

        code = await until(made)
    chromium = os.environ.get("CHROMIUM") or installed()
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        page = await browser.new_page()
        page.on("console", lambda one: said.append(one.text))
        await page.goto(f"{gateway.url}/#code={code}")
        await page.wait_for_url("**/staff/")
        await expect(page).to_have_title(re.compile("^Pages"), timeout=PATIENCE * 1_000)
        await page.locator("shift-card [role=status]").wait_for(state="attached")
        worker = "navigator.serviceWorker.register('/sw.js').then((r) => Boolean(r))"
        assert await page.evaluate(worker)
        assert not any("Content Security Policy" in one or "violates" in one for one in said), said
        injected = "s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s)"
        assert not await page.evaluate(f"(() => {{ let {injected}; return window.ran }})()")
        assert any("violates" in one for one in said), "the browser obeys the policy"


def test_no_script_runs_inline_and_none_comes_from_elsewhere() -> None:
    assert "script-src 'self';" in POLICY
    assert "unsafe-inline" not in POLICY.partition("style-src-attr")[0]
    assert "unsafe-eval" not in POLICY


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_page_holds_only_what_the_policy_lets_through(page: Path) -> None:
    html = page.read_text()
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL):
        assert not body.strip(), "an inline script would not run"
        assert re.search(r'src="/', attributes), attributes
    assert not re.search(r"<style\b|\son\w+=|javascript:", html), "blocked by the policy"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html), "from elsewhere"


def test_no_template_of_the_elements_holds_what_is_blocked() -> None:
    scripts = [p for p in (WEB / "js").rglob("*.js") if "node_modules" not in p.parts]
    assert scripts
    for script in scripts:
        assert not re.search(
            r"<[^>`]*\son[a-z]+=[\"']|<style\b|\beval\(|new Function\(", script.read_text()
        ), script.name
