"""Web push in a real browser: opted in, sent by us, decrypted, shown by the service worker, chosen."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from gateway.rest.vapid import public_key
from infra.simulator import person
from schemas.records.people import PushSubscription
from tests.e2e.conftest import HOTEL, Stack
from tests.e2e.visitors import Enter, ask, asked_by, keeper
from tests.patience import PATIENCE
from tests.standins.push_service import Browser, PushService

# No push service can be reached from here: the browser's half of subscribing is one of ours.
STAND_IN = """(kept) => {
  const unsubscribe = async () => !(now = null);
  const made = { endpoint: kept.endpoint, toJSON: () => kept, unsubscribe };
  let now = null;
  PushManager.prototype.getSubscription = async () => now;
  PushManager.prototype.subscribe = async (how) => {
    if (!how.userVisibleOnly || !how.applicationServerKey) throw new Error("how?");
    return (now = made);
  };
}"""
# What the worker asks of the gateway and of the browser, and how it ended; `choose` is a press on a
# notification, which headless Chromium shows to nobody.
WATCH = """() => {
  self.said = [];
  self.opened = [];
  const real = self.fetch.bind(self);
  self.fetch = async (path, how) => {
    const answer = await real(path, how);
    self.said.push({ path, status: answer.status, body: JSON.parse(how.body) });
    return answer;
  };
  self.clients.openWindow = async (address) => void self.opened.push(address);
  self.choose = async () => {
    const [notification] = await self.registration.getNotifications();
    const event = new Event("notificationclick");
    const done = [];
    Object.assign(event, { notification, waitUntil: (work) => done.push(work) });
    self.dispatchEvent(event);
    await Promise.all(done);
  };
}"""


@pytest.fixture
def service(stack: Stack) -> Iterator[PushService]:
    """A push service on a loop of its own: the browser's runs in this thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    service = PushService(public_key(stack.settings))
    asyncio.run_coroutine_threadsafe(service.__aenter__(), loop).result(10)
    yield service
    asyncio.run_coroutine_threadsafe(service.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def opt_in(page: Page, own: PushSubscription) -> None:
    """A person turns push on."""
    page.context.grant_permissions(["notifications"])
    keys = {"p256dh": own.p256dh, "auth": own.auth}
    page.evaluate(STAND_IN, {"endpoint": own.endpoint, "keys": keys})
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()


def deliver(page: Page, origin: str, data: dict[str, Any]) -> None:
    """What a push service brings to the browser's service worker."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    session.send("ServiceWorker.enable")
    until(page, lambda: bool(found))
    message = {"origin": origin, "registrationId": found[0], "data": json.dumps(data)}
    session.send("ServiceWorker.deliverPushMessage", message)


def until(page: Page, holds: Any) -> None:
    """Waits for it while the browser goes on."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def said(context: BrowserContext, path: str) -> list[dict[str, Any]]:
    """What the worker said at this path, and what the gateway answered."""
    everything = context.service_workers[0].evaluate("() => self.said")
    return [one for one in everything if one["path"] == path]


def test_a_push_is_shown_reported_and_brings_its_reader_to_the_place(
    enter: Enter, stack: Stack, service: PushService
) -> None:
    staff = keeper(enter)
    guest = enter("guest-111", "guest", "Ole Berg", room_id="111")
    opt_in(guest, service.subscribe("guest-111", "phone"))
    worker = guest.context.service_workers[0]
    worker.evaluate(WATCH)
    ask(guest, "towels")
    row = asked_by(staff, "111")
    row.get_by_role("button", name="Accept").click()
    phone: Browser = service.browsers["phone"]
    until(guest, lambda: bool(phone.got))
    assert service.faults == []

    deliver(guest, stack.gateway, phone.got[0])
    until(guest, lambda: len(said(guest.context, "/api/notifications/push/beacon")) == 2)
    beacons = said(guest.context, "/api/notifications/push/beacon")
    assert [(one["status"], one["body"]["state"]) for one in beacons] == [(200, "delivered"), (200, "shown")]
    shown = worker.evaluate("async () => (await registration.getNotifications()).map((n) => n.title)")
    assert shown == ["Your request was accepted"]

    worker.evaluate("() => choose()")  # the page is open: it goes to the request
    expect(guest.locator("request-list li.looked")).to_contain_text("Fresh towels")
    until(guest, lambda: bool(said(guest.context, "/api/notifications/history")))
    assert said(guest.context, "/api/notifications/history")[0]["status"] == 200
    expect(guest.locator("notification-center .count")).to_be_hidden()

    deliver(guest, stack.gateway, phone.got[0])
    until(guest, lambda: len(said(guest.context, "/api/notifications/push/beacon")) == 4)
    guest.goto("about:blank")  # no page is open: one is opened
    worker.evaluate("() => choose()")
    guest.goto(stack.gateway + worker.evaluate("() => opened[0]"))
    guest.wait_for_url("**/guest/#look=*")
    expect(guest.locator("request-list li.looked")).to_contain_text("Fresh towels")


def test_a_person_chooses_what_to_be_told(enter: Enter) -> None:
    guest = enter("guest-112", "guest", "Tove Dahl", room_id="112")
    bell = guest.get_by_role("button", name="Notifications")
    box = guest.get_by_role("checkbox", name="Announcements, by push")
    for on in (True, False):
        bell.click()
        guest.get_by_text("What to tell me").click()
        expect(box).to_be_checked(checked=on)
        if on:
            with guest.expect_response("**/api/notifications/preferences"):
                box.click()
            guest.reload()


def test_a_new_token_takes_the_subscription_along(enter: Enter, stack: Stack, service: PushService) -> None:
    who = {"user_id": "guest-206", "role": "guest", "name": "Lea Wolf"}
    guest = enter(**who, room_id="206")
    opt_in(guest, service.subscribe("guest-206", "own"))
    token = person.token(stack.settings, property_id=HOTEL.property_id, room="206", **who)
    renew = "(token) => document.querySelector('websocket-provider').setAttribute('token', token)"
    with guest.expect_response(
        lambda one: one.url.endswith("/push") and one.request.method == "POST"
    ) as told:
        guest.evaluate(renew, token)
    assert told.value.status == 200
    assert told.value.request.headers["authorization"] == f"Bearer {token}"


def test_who_signs_out_is_pushed_to_no_more(enter: Enter, service: PushService) -> None:
    guest = enter("guest-118", "guest", "Rut Falk", room_id="118")
    opt_in(guest, service.subscribe("guest-118", "shared"))
    with guest.expect_response(lambda one: one.request.method == "DELETE" and "push" in one.url) as ended:
        guest.get_by_role("button", name="Sign out").click()
    assert ended.value.status == 200
    expect(guest.get_by_text("You are signed out on this device.")).to_be_visible()
