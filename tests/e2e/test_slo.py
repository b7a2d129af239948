"""The auditor runs with the rest, and everybody may see what it measured."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Stack
from tests.e2e.test_access import check
from tests.e2e.visitors import announce, opened


def test_anybody_sees_what_was_measured(stack: Stack, browser: Browser) -> None:
    announce(stack, "Breakfast", "It is served until eleven.")
    context = opened(browser, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{stack.gateway}/slo")
    page.wait_for_url("**/slo/")
    expect(page.locator("#state")).to_contain_text(re.compile(r"in [1-4] of \d+ hotels?\b"))
    # `property` is heard on a socket and on the stream; whatever else this house was told is heard, too.
    said = page.locator("#latencies tr", has_text="announcement").first
    expect(said).to_be_visible()
    expect(page.locator("#lost")).to_have_text("Losses found: 0")
    cells = page.locator("#findings tr").first.locator("td")
    heard, *faults = cells.all_inner_texts()
    assert int(heard) > 0
    assert faults[:4] == ["0", "0", "0", "0"]
    expect(page.locator("#uptimes tr")).to_have_count(4)
    for row in page.locator("#uptimes tr").all():
        expect(row.locator("td").first).to_contain_text(re.compile(r"\d %"))
    expect(page.locator("#since")).to_contain_text("Looking since")
    assert "harbour" not in page.content().lower()
    check(page)
    context.close()
