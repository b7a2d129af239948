"""Tabs of one person in one browser: who of them leads, who has a socket."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.visitors import status

LEADS = "document.querySelector('websocket-provider').client.tabs.leads"
OPEN = "document.querySelector('websocket-provider').client.line?.socket?.readyState === WebSocket.OPEN"


def beside(page: Page, live: str = "Live") -> Page:
    """Another tab of the same person."""
    tab = page.context.new_page()
    tab.goto(page.url)
    status(tab, live)
    return tab


def lines(*tabs: Page) -> int:
    """How many of these tabs have a socket of their own."""
    return sum(tab.evaluate(OPEN) for tab in tabs)
