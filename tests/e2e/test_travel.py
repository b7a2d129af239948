"""Two real browsers on the real stack: what one does, the other sees; a broken line loses nothing."""

from __future__ import annotations

import time

import httpx
from playwright.sync_api import expect

from infra.simulator import person
from schemas.ids import new_id
from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.visitors import Enter, ask, asked_by, begin_chat, keeper, status, write


def test_a_request_travels_to_staff_and_back(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("guest-101", "guest", "Nora Lind", room_id="101")
    ask(guest, "towels")
    mine = guest.locator("request-list li").first
    expect(mine).to_contain_text("Fresh towels")
    item = asked_by(staff, "101")
    for button, state in (("Accept", "Accepted"), ("Start", "Under way"), ("Done", "Done")):
        item.get_by_role("button", name=button).click()
        expect(mine.locator(".state")).to_have_text(state)
    expect(guest.locator("notification-center .count")).to_be_visible()


def test_a_chat_goes_both_ways_and_survives_a_reload(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("guest-102", "guest", "Omar Haddad", room_id="102")
    begin_chat(guest, "front_desk")
    write(guest, "When is breakfast?")
    own = guest.locator("chat-widget .log li.mine small")
    thread = staff.locator("chat-widget .threads button").filter(has_text="Room 102")
    thread.click()
    expect(staff.locator("chat-widget .log")).to_contain_text("When is breakfast?")
    expect(own.last).to_contain_text(", read")
    staff.locator("chat-widget textarea").press_sequentially("From")
    expect(guest.locator("chat-widget .typing")).to_have_text("Ana Silva is writing…")
    write(staff, "From 7 to 10:30.")
    expect(guest.locator("chat-widget .log")).to_contain_text("From 7 to 10:30.")
    expect(guest.locator("chat-widget .typing")).to_be_empty()
    # Nobody looks at it: it comes to the page and is not read.
    staff.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})")
    write(guest, "Thank you.")
    expect(own.last).to_contain_text(", delivered")
    guest.reload()
    expect(own.last).to_contain_text(", delivered")
    expect(own.first).to_contain_text(", read")
    log = guest.locator("chat-widget .log li p")
    expect(log).to_have_text(["When is breakfast?", "From 7 to 10:30.", "Thank you."])


def test_a_dropped_connection_recovers_with_nothing_missing(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("guest-103", "guest", "Ida Holm", room_id="103")
    ask(guest, "pillow")
    item = asked_by(staff, "103")
    expect(item).to_be_visible()
    guest.context.set_offline(True)
    status(guest, "Reconnecting…")
    item.get_by_role("button", name="Accept").click()
    item.get_by_role("button", name="Start").click()
    ask(guest, "taxi")
    guest.context.set_offline(False)
    rows = guest.locator("request-list li")
    expect(rows.filter(has_text="Extra pillow").locator(".state")).to_have_text("Under way")
    expect(rows.filter(has_text="Order a taxi")).to_have_count(1)


def test_the_desk_sees_the_work_of_all_and_takes_its_own(enter: Enter) -> None:
    desk = enter("staff-front_desk-1", "staff", "Jonas Weber", departments=["front_desk"])
    staff = keeper(enter)
    guest = enter("guest-204", "guest", "Noa Berg", room_id="204")
    ask(guest, "towels")
    theirs = asked_by(desk, "204")
    expect(theirs).to_contain_text("Housekeeping")
    expect(theirs.get_by_role("button")).to_have_count(0)
    for step, state in (("Accept", "Accepted"), ("Start", "Under way")):
        asked_by(staff, "204").get_by_role("button", name=step).click()
        expect(theirs).to_contain_text(state)
    asked_by(staff, "204").get_by_role("button", name="Done").click()
    expect(desk.locator("service-queue li").filter(has_text="204")).to_have_count(0)


def test_on_a_phone_what_matters_is_one_touch_away(enter: Enter) -> None:
    staff = keeper(enter, phone=True)
    guest = enter("guest-205", "guest", "Ada Holt", room_id="205", phone=True)
    for page in (staff, guest):
        page.get_by_role("link", name="Emergency").click()
        expect(page.get_by_role("button", name="I need help")).to_be_in_viewport()
        page.context.set_offline(True)
        status(page, "Reconnecting…")
        house = page.locator("#house").bounding_box()
        assert house is not None
        assert house["width"] >= 80, "the house's name is crushed"
        page.context.set_offline(False)


def test_the_dashboard_shows_the_same_truth(enter: Enter, stack: Stack) -> None:
    staff = keeper(enter)
    admin, asked = enter("demo-admin", "admin", "Admin"), list[str]()
    admin.on("request", lambda one: asked.append(one.url))
    admin.goto(f"{stack.dashboard}/?hotel=harbour")
    expect(admin.get_by_text("Live: data as of").first).to_be_visible()
    tile = admin.get_by_test_id("stMetric").filter(has_text="To clean")
    value = tile.get_by_test_id("stMetricValue")
    to_clean = int(value.inner_text())
    staff.locator("[data-room='201']").click()
    staff.locator("[data-dimension=housekeeping]").select_option("dirty")
    expect(staff.locator("[data-room='201']")).to_have_attribute("data-tone", "dirty")
    expect(value).to_have_text(str(to_clean + 1))
    expect(tile).to_contain_text("as of ")
    elsewhere = [one for one in asked if "//127.0.0.1:" not in one and not one.startswith(("data:", "blob:"))]
    assert elsewhere == [], "who looks is nobody else's business"


def test_staff_talk_among_themselves(enter: Enter) -> None:
    one = keeper(enter)
    other = enter("staff-housekeeping-2", "staff", "Bo Lindqvist", departments=["housekeeping"])
    name = one.locator("select.begin option[value='staff-housekeeping-2']")
    called = name.inner_text()
    one.locator("select.begin").select_option("staff-housekeeping-2")
    mine = one.locator("chat-widget .threads button").filter(has_text=called)
    expect(mine).to_have_attribute("aria-pressed", "true")
    write(one, "Can you take floor 2?")
    theirs = other.locator("chat-widget .threads button").filter(has_text="Ana Silva")
    theirs.click()
    expect(other.locator("chat-widget .log")).to_contain_text("Can you take floor 2?")
    write(other, "Yes.")
    expect(one.locator("chat-widget .log")).to_contain_text("Yes.")


def test_what_was_said_long_ago_can_be_asked_for(enter: Enter, stack: Stack) -> None:
    who = {"user_id": "guest-202", "role": "guest", "name": "Una Berg"}
    guest = enter(**who, room_id="202")
    begin_chat(guest, "concierge")
    token = person.token(stack.settings, property_id=HOTEL.property_id, room="202", **who)
    with httpx.Client(base_url=stack.gateway, headers={"Authorization": f"Bearer {token}"}) as web:
        (thread,) = web.get("/api/chat/rooms").json()["rooms"]
        for n in range(104):
            said = {"thread_id": thread["thread_id"], "text": f"Number {n}."}
            body = {"id": new_id(), "cmd": "send", "d": said}
            while (answer := web.post("/api/chat/messages", json=body)).status_code == 429:
                time.sleep(0.1)
            assert answer.status_code == 200, answer.text
    guest = enter(**who, room_id="202")  # another device: this one knows all it has seen
    bubbles = guest.locator("chat-widget .log li p")
    expect(bubbles).to_have_count(100)
    expect(bubbles.first).to_have_text("Number 4.")
    guest.get_by_role("button", name="Earlier messages").click()
    expect(bubbles).to_have_count(104)
    expect(bubbles.first).to_have_text("Number 0.")
    expect(guest.get_by_role("button", name="Earlier messages")).to_be_hidden()
