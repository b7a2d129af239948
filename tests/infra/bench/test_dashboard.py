"""The bench of the dashboard says plainly what it needs; tests/faults runs it."""

from __future__ import annotations

import sys

import pytest

from infra import chromium
from infra.bench import dashboard
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


async def test_no_browser_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "installed", lambda: None)
    with pytest.raises(Problem, match="needs Playwright and a Chromium: `make chromium`"):
        async with dashboard._page(Settings(), {}):
            pass
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(Problem, match="needs Playwright and a Chromium: `make chromium`"):
        async with dashboard._page(Settings(), {}):
            pass
