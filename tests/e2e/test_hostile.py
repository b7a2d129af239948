"""What people write is text, whatever it looks like; and nothing but our own scripts runs."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, expect

from tests.e2e.conftest import Stack
from tests.e2e.visitors import Enter, announce, asked_by, begin_chat, keeper, write

MARKUP = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'
RTL = "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd"
LONG = "W" * 1500


def test_hostile_text_is_shown_as_text(enter: Enter, stack: Stack) -> None:
    staff = keeper(enter)
    guest = enter("guest-113", "guest", MARKUP[:200], room_id="113")
    said: list[ConsoleMessage] = []
    for page in (staff, guest):
        page.on("console", lambda one: said.append(one))
    begin_chat(guest, "housekeeping")
    for text in (MARKUP, RTL, LONG):
        write(guest, text)
    guest.locator("[data-item=towels]").click()
    guest.locator("request-form textarea").fill(MARKUP + LONG[:800])
    guest.get_by_role("button", name="Send request").click()
    announce(stack, MARKUP, LONG)
    staff.locator("chat-widget .threads button").filter(has_text="Room 113").click()
    for page in (staff, guest):
        expect(page.locator("chat-widget .log li p")).to_have_text([MARKUP, RTL, LONG])
        expect(page.locator("alert-banner .words")).to_contain_text(MARKUP)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, "the page is pushed apart"
    row = asked_by(staff, "113")
    expect(row.locator(".note")).to_contain_text(MARKUP)
    for page in (staff, guest):
        assert page.evaluate("window.owned") is None
        page.get_by_role("button", name="Got it").first.click()
    assert [one.text for one in said if one.type == "error"] == []


def test_no_script_but_our_own_runs(enter: Enter) -> None:
    guest = enter("guest-114", "guest", "Ada Quist", room_id="114")
    refused = guest.evaluate(
        """async () => {
          const told = [];
          addEventListener("securitypolicyviolation", (event) => told.push(event.effectiveDirective));
          const inline = document.createElement("script");
          inline.textContent = "window.owned = 1";
          const foreign = document.createElement("script");
          foreign.src = "https://example.com/x.js";
          const frame = document.createElement("iframe");
          frame.src = "https://example.com/";
          document.body.append(inline, foreign, frame);
          document.body.insertAdjacentHTML("beforeend", "<b onclick='window.owned = 1'>x</b>");
          document.body.lastElementChild.click();
          await new Promise((go) => setInterval(() => told.length >= 4 && go(), 20));
          return told;
        }"""
    )
    assert sorted(set(refused)) == ["frame-src", "script-src-attr", "script-src-elem"]
    assert guest.evaluate("window.owned") is None
