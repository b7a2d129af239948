"""Keyboard and screen reader: axe-core finds nothing, Tab goes through the page, news is announced."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stack
from tests.e2e.visitors import Enter, announce, ask, begin_chat, keeper, write
from tests.web.node import packages

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
  const where = (node) => `${node.target.flat().join(" ")} ${node.any[0]?.message ?? ""}`;
  const { violations } = await axe.run({ runOnly: rules });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(where).join(" | ")}`);
}"""
# What has the focus, inside whatever shadow trees, and whether one sees that.
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return "";
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  return `${seen ? "" : "UNSEEN "}${at.getRootNode().host?.localName ?? "page"}`;
}"""
MOVING = """() => [...document.querySelectorAll("*")]
  .flatMap((one) => [one, ...(one.shadowRoot?.querySelectorAll("*") ?? [])])
  .filter((one) => getComputedStyle(one).transitionDuration.split(",").some((time) => parseFloat(time) > 0))
  .length"""


def check(page: Page) -> None:
    """No violation; and enough contrast by night, too."""
    page.evaluate((packages() / "axe-core" / "axe.min.js").read_text())
    for scheme, rules in (("light", RULES), ("dark", ["color-contrast"])):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
        assert page.evaluate(RUN, rules) == []


@pytest.fixture
def guest(enter: Enter) -> Page:
    """A guest in the middle of things."""
    page = enter("guest-115", "guest", "Lia Moser", room_id="115")
    ask(page, "towels")
    begin_chat(page, "front_desk")
    write(page, "Good morning.")
    expect(page.locator("chat-widget .log li small").last).to_contain_text("You")
    page.get_by_role("button", name="I need help").click()
    return page


def test_axe_finds_nothing_on_the_guest_page(guest: Page) -> None:
    check(guest)
    guest.get_by_role("button", name="Notifications").click()
    guest.get_by_text("What to tell me").click()
    expect(guest.get_by_role("checkbox").first).to_be_enabled()
    check(guest)


def test_axe_finds_nothing_on_the_staff_page(enter: Enter, stack: Stack) -> None:
    staff = keeper(enter)
    announce(stack, "The pool is closed.", "It is being cleaned. " * 30)
    admin = enter("demo-admin", "admin", "Admin")
    for page in (staff, admin):
        expect(page.locator("room-board [data-room]").first).to_be_visible()
        expect(page.locator("alert-banner")).to_contain_text("The pool is closed.")
        check(page)
        page.locator("room-board [data-room]").first.click()
        check(page)
    expect(staff.get_by_text("Dashboard")).to_be_hidden()
    expect(admin.get_by_role("link", name="Dashboard")).to_be_visible()


def test_all_can_be_done_by_keyboard(enter: Enter) -> None:
    guest = enter("guest-116", "guest", "Per Aas", room_id="116")
    # What can be asked for comes after the connection is live; before it there is nothing to step through.
    expect(guest.locator("[data-item=towels]")).to_be_visible()
    guest.keyboard.press("Tab")
    expect(guest.get_by_role("link", name="To the content")).to_be_focused()
    guest.keyboard.press("Enter")
    reached: list[str] = []
    for _ in range(60):
        guest.keyboard.press("Tab")
        where = guest.evaluate(FOCUSED)
        if not where:
            break
        if not reached or reached[-1] != where:
            reached.append(where)
    assert [one for one in reached if one.startswith("UNSEEN")] == []
    order = ["request-form", "chat-widget", "emergency-button"]
    assert [one for one in reached if one in order] == order, reached
    guest.locator("[data-item=towels]").press("Enter")
    guest.get_by_role("button", name="Send request").press("Enter")
    expect(guest.locator("request-list .state")).to_have_text(re.compile("Received|Assigned"))
    bell = guest.get_by_role("button", name="Notifications")
    bell.press("Enter")
    expect(guest.get_by_role("heading", name="Notifications")).to_be_visible()
    guest.keyboard.press("Escape")
    expect(guest.get_by_role("heading", name="Notifications")).to_be_hidden()
    expect(bell).to_be_focused()


def test_news_is_announced_and_motion_is_asked_for(guest: Page) -> None:
    assert guest.locator("chat-widget .log").get_attribute("role") == "log"
    assert guest.locator("request-list ul").get_attribute("aria-live") == "polite"
    assert guest.locator("alert-banner [aria-live=assertive]").count() == 1
    assert guest.evaluate(MOVING) == 0  # these browsers ask for less motion
