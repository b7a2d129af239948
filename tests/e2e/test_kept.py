"""What a page knew outlives it: shown as old, gone on from by cursor, and gone with who is signed out."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.conftest import Stack
from tests.e2e.tabs import LEADS, beside
from tests.e2e.visitors import (
    Enter,
    Network,
    ask,
    asked_by,
    begin_chat,
    keeper,
    said,
    status,
    until,
    write,
)  # fmt: skip

# What the databases of this origin hold, as text, by name.
DUMP = """async () => {
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    const db = await new Promise((go) => (opening.onsuccess = () => go(opening.result)));
    for (const store of db.objectStoreNames) {
      const asked = db.transaction(store).objectStore(store).getAll();
      found[name] = JSON.stringify(await new Promise((go) => (asked.onsuccess = () => go(asked.result))));
    }
    db.close();
  }
  return found;
}"""
FORMS = """async () => {
  const { opened } = await import("/js/core/vault.js");
  const idb = () => indexedDB;
  const one = await opened(idb, "forms", 1);
  await new Promise((go) => {
    const turn = one.transaction("kept", "readwrite");
    turn.objectStore("kept").put("old", "k");
    turn.oncomplete = go;
  });
  const two = await opened(idb, "forms", 2);
  const asked = two.transaction("kept").objectStore("kept").count();
  const left = await new Promise((go) => (asked.onsuccess = () => go(asked.result)));
  return [left, await opened(idb, "forms", 1)];
}"""
# As the how-to says it; what it knew before the house says a word.
APP = """async () => {
  const part = (name) => import(`/js/core/${name}.js`);
  const [{ Api }, { Client }, { Kept }] = await Promise.all(["api", "client", "kept"].map(part));
  const [{ takeSnapshot }, { Outbox }] = await Promise.all(["loading", "outbox"].map(part));
  const [{ Store }, { Vault }] = await Promise.all(["store", "vault"].map(part));
  const address = location.origin.replace("http", "ws") + "/api/websocket/connection";
  const where = { address, user_id: "kept-10", property_id: "harbour" };
  const store = new Store();
  const kept = new Kept(store, "my app", "kept-10");
  const client = new Client(new Api(), new Outbox(new Vault(), "my app kept-10"), where, null, kept);
  client.addEventListener("subbed", ({ detail }) => takeSnapshot(store, detail.snapshot ?? {}));
  client.addEventListener("event", ({ detail }) => store.apply(detail.type, detail.d));
  await client.recall();
  for (const channel of ["property:harbour", "user:kept-10"]) client.subscribe(channel);
  client.start();
  window.app = { client, store };
  return store.list("requests").length;
}"""
# A request and a word that the log knows nothing of.
GHOST = """() => {
  const { store } = document.querySelector('websocket-provider');
  const [{ thread_id, at }] = store.list('messages');
  const request = { request_id: 'of-nobody', room_id: '211', guest_id: 'kept-11', item: 'pillow' };
  store.put('requests', { ...request, department: 'spa', status: 'open', created_at: at, resolve_by: at });
  store.put('messages', { message_id: 'of-nobody', thread_id, actor_id: 'kept-11', text: 'Of nobody.', at });
}"""
KEEP = "document.querySelector('websocket-provider').client.kept.save()"
SHELL = "caches.keys().then((all) => all.length === 1 && caches.match('/shell.json').then(Boolean))"


def subs(page: Page) -> list[str]:
    """From now on: the `sub` frames that this page says."""
    found: list[str] = []

    def sent(said: Any) -> None:
        if '"t":"sub"' in str(said):
            found.append(str(said))

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", sent)

    page.on("websocket", opened)
    return found


def heard(page: Page, part: str) -> list[str]:
    """From now on: the frames with this in them that this page hears."""
    found: list[str] = []

    def came(told: Any) -> None:
        if part in str(told):
            found.append(str(told))

    page.on("websocket", lambda socket: socket.on("framereceived", came))
    return found


def kept(page: Page) -> str:
    """What this page or an earlier one knew, as it lies in the browser."""
    return str(page.evaluate(DUMP)["concierge known"])


def written(page: Page, word: str) -> None:
    """Until that lies in the browser: the page writes by itself."""
    until(page, lambda: word in kept(page))


def test_a_reload_goes_on_from_the_cursor_and_misses_and_doubles_nothing(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("kept-1", "guest", "Liv Aas", room_id="304")
    begin_chat(guest, "front_desk")
    write(guest, "Before.")
    ask(guest, "pillow")
    staff.locator("chat-widget .threads button").filter(has_text="Room 304").first.click()
    expect(said(staff)).to_have_text(["Before."])
    written(guest, "Before.")
    address = guest.url
    guest.goto("about:blank")
    write(staff, "Meanwhile 1.")
    write(staff, "Meanwhile 2.")
    expect(staff.locator("chat-widget .log li.waits")).to_have_count(0)
    asked = subs(guest)
    guest.goto(address)
    status(guest, "Live")
    expect(said(guest)).to_have_text(["Before.", "Meanwhile 1.", "Meanwhile 2."])
    expect(guest.locator("request-list li")).to_have_count(1)
    assert len(asked) >= 4
    assert [one for one in asked if '"cur"' not in one] == []


def test_what_the_house_cannot_tell_again_is_read_anew_and_replaces_what_was_kept(enter: Enter) -> None:
    staff = keeper(enter)
    network = Network()
    guest = enter("kept-11", "guest", "Jon Sand", network, room_id="211")
    begin_chat(guest, "front_desk")
    write(guest, "Before.")
    ask(guest, "pillow")
    staff.locator("chat-widget .threads button").filter(has_text="Room 211").first.click()
    expect(said(staff)).to_have_text(["Before."])
    guest.evaluate(GHOST)
    rows = guest.locator("request-list li")
    expect(rows).to_have_count(2)
    written(guest, "Of nobody.")
    address = guest.url
    guest.goto("about:blank")
    write(staff, "Meanwhile.")
    asked_by(staff, "211").get_by_role("button", name="Accept").click()
    expect(staff.locator("chat-widget .log li.waits")).to_have_count(0)
    network.forgotten = True
    asked = subs(guest)
    resets = heard(guest, '"reset":true')
    guest.goto(address)
    status(guest, "Live")
    expect(said(guest)).to_have_text(["Before.", "Meanwhile."])
    expect(rows).to_have_count(1)
    expect(rows.locator(".state")).to_have_text("Accepted")
    expect(guest.locator("[data-item=towels]")).to_be_visible()
    assert asked
    assert resets
    write(guest, "And on.")
    for page in (guest, staff):
        expect(said(page)).to_have_text(["Before.", "Meanwhile.", "And on."])
    # What is kept from here on is the new, with places that hold.
    written(guest, "And on.")
    assert "of-nobody" not in kept(guest)
    network.forgotten = False
    again = heard(guest, '"reset":true')
    guest.reload()
    status(guest, "Live")
    expect(said(guest)).to_have_text(["Before.", "Meanwhile.", "And on."])
    expect(rows).to_have_count(1)
    assert again == []


def test_without_the_house_a_reload_shows_what_it_knew_and_sends_once(enter: Enter) -> None:
    staff = keeper(enter)
    guest = enter("kept-2", "guest", "Tor Vang", room_id="305")
    begin_chat(guest, "front_desk")
    write(guest, "Before.")
    ask(guest, "towels")
    expect(asked_by(staff, "305")).to_be_visible()
    written(guest, "towels")
    until(guest, lambda: guest.evaluate(SHELL))
    guest.context.set_offline(True)
    guest.reload()
    expect(guest.locator("live-status-indicator")).to_have_text(re.compile(r"as of \d"))
    expect(said(guest)).to_have_text(["Before."])
    expect(guest.locator("request-list li")).to_have_count(1)
    expect(guest.locator("#hello")).to_have_text("Welcome, Tor Vang")
    write(guest, "From the old page.")
    expect(guest.locator("chat-widget .log li.waits")).to_have_count(1)
    guest.reload()
    expect(said(guest)).to_have_text(["Before.", "From the old page."])
    guest.context.set_offline(False)
    status(guest, "Live")
    expect(guest.locator("chat-widget .log li.waits")).to_have_count(0)
    staff.locator("chat-widget .threads button").filter(has_text="Room 305").first.click()
    expect(said(staff)).to_have_text(["Before.", "From the old page."])
    guest.reload()
    status(guest, "Live")
    expect(said(guest)).to_have_text(["Before.", "From the old page."])


def test_a_tab_that_follows_begins_with_the_same(enter: Enter) -> None:
    one = enter("kept-3", "guest", "Ida Moe", room_id="306")
    begin_chat(one, "concierge")
    write(one, "Of both.")
    two = beside(one)
    expect(said(two)).to_have_text(["Of both."])
    written(one, "Of both.")
    asked = subs(one)
    two.reload()
    status(two, "Live")
    expect(said(two)).to_have_text(["Of both."])
    assert (one.evaluate(LEADS), two.evaluate(LEADS)) == (True, False)
    write(one, "And more.")
    expect(said(two)).to_have_text(["Of both.", "And more."])
    assert [frame for frame in asked if '"cur"' not in frame] == []


def test_who_signs_out_leaves_nothing(enter: Enter) -> None:
    guest = enter("kept-4", "guest", "Per Dahl", room_id="307")
    two = beside(guest)
    begin_chat(guest, "concierge")
    write(guest, "Only mine.")
    written(guest, "Only mine.")
    guest.get_by_role("button", name="Sign out").click()
    for tab in (guest, two):
        tab.wait_for_url("**/?out=asked")
    for word in ("Only mine.", "kept-4"):
        assert word not in str(guest.evaluate(DUMP))


def test_another_person_sees_nothing_of_it(enter: Enter, stack: Stack) -> None:
    first = enter("kept-5", "guest", "Eli Holt", room_id="308")
    begin_chat(first, "concierge")
    write(first, "Of the first.")
    written(first, "Of the first.")
    other = first.context.new_page()
    other.goto(stack.link("kept-6", "guest", "Nils Bakke", room_id="309"))
    status(other, "Live")
    assert "Of the first." not in kept(other)
    first.evaluate(KEEP)  # its page is open still: it may write no more
    assert "Of the first." not in kept(other)
    first.close()
    other.reload()
    status(other, "Live")
    expect(other.locator("#hello")).to_have_text("Welcome, Nils Bakke")
    expect(said(other)).to_have_count(0)


def test_a_session_that_was_revoked_leaves_nothing(enter: Enter) -> None:
    guest = enter("kept-7", "guest", "Unn Lie", room_id="310")
    begin_chat(guest, "concierge")
    write(guest, "Until revoked.")
    written(guest, "Until revoked.")
    address = guest.url
    guest.goto("about:blank")
    guest.context.clear_cookies()
    guest.goto(address)
    guest.wait_for_url("**/?out=sign-in")
    assert "Until revoked." not in kept(guest)


def test_what_another_build_kept_is_dropped_and_a_newer_one_is_left_alone(enter: Enter) -> None:
    guest = enter("kept-8", "guest", "Odd Ruud", room_id="311")
    assert guest.evaluate(FORMS) == [0, None]


def test_an_app_of_ones_own_goes_on_from_the_cursor(enter: Enter) -> None:
    guest = enter("kept-10", "guest", "Geir Moen", room_id="313")
    guest.evaluate(APP)
    until(guest, lambda: "property:harbour" in kept(guest))
    ask(guest, "pillow")
    expect(guest.locator("request-list li")).to_have_count(1)
    until(guest, lambda: guest.evaluate("window.app.store.list('requests').length") == 1)
    guest.evaluate("window.app.client.stop()")
    ask(guest, "towels")
    expect(guest.locator("request-list li")).to_have_count(2)
    asked = subs(guest)
    assert guest.evaluate(APP) == 1
    until(guest, lambda: guest.evaluate("window.app.store.list('requests').length") == 2)
    assert asked
    assert [one for one in asked if '"cur"' not in one] == []


def test_a_lesser_way_goes_on_from_the_cursor_too(enter: Enter) -> None:
    network = Network(sockets=False)
    guest = enter("kept-9", "guest", "Roy Lunde", network, "Live, by stream", room_id="312")
    begin_chat(guest, "concierge")
    write(guest, "By stream.")
    written(guest, "By stream.")
    polls: list[str] = []
    guest.on("request", lambda one: polls.append(one.url) if "/events?" in one.url else None)
    guest.reload()
    status(guest, "Live, by stream")
    expect(said(guest)).to_have_text(["By stream."])
    assert polls
    assert [one for one in polls if "cur=" not in one] == []
