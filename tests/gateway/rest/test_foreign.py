"""No path reads or changes anything of another hotel, by its id or by those of its things."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.openapi import document
from gateway.readmodel.hotel import Thread
from schemas.ids import new_id
from schemas.records.alerts import AlertState, AnnouncementState
from schemas.records.chats import ChatEvent, MessageSent, ThreadOpened
from schemas.records.notifications import NotificationState
from schemas.records.people import Person, PushSubscription
from schemas.records.rooms import ReservationState, RoomState
from schemas.records.services import RequestState
from schemas.records.settings import CatalogueItem, PropertySettings, RoomSettings
from schemas.records.staff import ShiftState
from tests.gateway.rest.conftest import ADMIN, DESK, GUEST, KEEPER, MANAGER, House, Who
from tests.gateway.rest.test_notifications import BROWSER
from tests.gateway.support import Running

# In every text of the other hotel: where it shows up, something leaked.
MARK = "of-the-other-hotel"
FAR = 1 << 50
EVERYBODY: dict[str, Who] = {"guest": GUEST, "desk": DESK, "manager": MANAGER, "admin": ADMIN}
FURTHER: dict[str, Who] = {"keeper": KEEPER, "system": ("system", {}), "data": ("data", {})}
# Whoever is asked for says so in the body; all others take the token's hotel.
NAMES_THE_HOTEL: dict[str, dict[str, Any]] = {
    "POST /api/auth/codes": {"user_id": "x", "role": "guest"},
    "POST /api/auth/revoke": {"kind": "user", "id": f"guest-{MARK}"},
    "POST /api/people": {"people": [{"user_id": "x", "role": "guest", "name": "X"}]},
    "POST /api/settings": {"retention": {"emergency_days": 1}},
    "POST /api/facts": {"id": "f", "topic": "rooms", "source_system": "x", "facts": [{}]},
    "POST /api/chat/typing": {"thread_id": f"thread-{MARK}"},
}
COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "POST /api/rooms": ("check_out", {"reservation_id": f"stay-{MARK}"}),
    "POST /api/services": ("cancel", {"request_id": f"request-{MARK}"}),
    "POST /api/staff": ("end_shift", {"staff_id": f"staff-{MARK}"}),
    "POST /api/alerts": ("resolve", {"alert_id": f"alert-{MARK}"}),
    "POST /api/announcements": ("announce", {"audience": "house", "title": "t", "body": "b", "until": FAR}),
    "POST /api/notifications/history": ("mark", {"ids": [f"bell-{MARK}"], "status": "read"}),
    "POST /api/chat/rooms": ("join", {"thread_id": f"thread-{MARK}"}),
    "POST /api/chat/messages": ("send", {"thread_id": f"thread-{MARK}", "text": "x"}),
}
# The token's own hotel, whatever else is said.
OF_THE_TOKEN = {
    "DELETE /api/auth/session", "POST /api/auth/refresh", "PUT /api/notifications/preferences",
    "GET /api/notifications/push", "POST /api/notifications/push", "DELETE /api/notifications/push",
    "POST /api/notifications/push/beacon", "GET /api/properties",
}  # fmt: skip
# A code says whom it lets in; schemas are published; figures of the whole house are of no hotel.
OPEN = {"POST /api/auth/session", "GET /api/slo"}


def operations() -> dict[str, dict[str, Any]]:
    """ "METHOD path" -> the operation, but for the schema registry's."""
    return {
        f"{method.upper()} {path}": found
        for path, methods in document()["paths"].items()
        for method, found in methods.items()
        if path.startswith("/api/")
    }


READS = sorted(
    name
    for name, found in operations().items()
    if "property_id" in {one["name"] for one in found.get("parameters", ())}
)


def test_every_operation_is_thought_of() -> None:
    sockets = {"GET /api/websocket/events", "POST /api/websocket/events"}
    known = {*READS, *NAMES_THE_HOTEL, *COMMANDS, *OF_THE_TOKEN, *OPEN, *sockets}
    assert known == operations().keys()


@pytest.fixture
async def other(gateway: Running) -> AsyncIterator[House]:
    """A hotel with one of everything, that the token of the first one is not for."""
    async with gateway.web() as web:
        one = House(web, gateway, "other" + new_id()[-6:])
        hotel = one.model
        hotel.property = PropertySettings(name=MARK, time_zone="UTC", currency="EUR", departments=[MARK])
        hotel.room_settings["101"] = RoomSettings(room_id="101", room_type=MARK, floor=1, zone_id="z")
        hotel.rooms["101"] = RoomState(room_id="101", guest_id=f"guest-{MARK}", block_reason=MARK)
        hotel.items[MARK] = CatalogueItem(
            item=MARK,
            name=MARK,
            department=MARK,
            priority=1,
            credits=1,
            accept_within_s=1,
            resolve_within_s=1,
        )
        hotel.reservations[f"stay-{MARK}"] = ReservationState(reservation_id=f"stay-{MARK}")
        hotel.requests[f"request-{MARK}"] = RequestState(
            request_id=f"request-{MARK}", room_id="101", guest_id="guest-1", item=MARK,
            department="front_desk", priority=2, credits=1, accept_by=1, resolve_by=2, created_at=1,
        )  # fmt: skip
        hotel.shifts[f"staff-{MARK}"] = ShiftState(
            staff_id=f"staff-{MARK}", shift_id="s", department=MARK, started_at=1, ends_at=9
        )
        hotel.alerts[f"alert-{MARK}"] = AlertState(
            alert_id=f"alert-{MARK}", kind="fire", location=MARK, raised_by="guest-1", raised_at=1
        )
        hotel.announcements[MARK] = AnnouncementState(
            announcement_id=MARK, audience="house", title=MARK, body=MARK, until=FAR, made_by="m", made_at=1
        )
        # The ids of the askers, too: a hotel's own, so somebody else's.
        opened = ThreadOpened(kind="guest_department", department="front_desk", guest_id="guest-1")
        thread = Thread(
            f"thread-{MARK}", opened, "guest-1", 1, {"guest-1", "staff-1", "manager-1", "admin-1"}
        )
        thread.messages.append(
            ChatEvent(
                event_id="m", property_id=one.own, thread_id=thread.thread_id, actor_id="guest-1",
                actor_role="guest", device_id="d", sequence=1, claimed_at=1,
                message_sent=MessageSent(text=MARK),
            )
        )  # fmt: skip
        thread.said_at["m"] = 1
        hotel.threads[thread.thread_id] = thread
        hotel.people[f"guest-{MARK}"] = Person(user_id=f"guest-{MARK}", role="staff", name=MARK)
        for role in EVERYBODY.values():
            hotel.notifications[f"{role[0]}-1"] = {
                f"bell-{MARK}": NotificationState(
                    notification_id=f"bell-{MARK}", user_id=f"{role[0]}-1", category="request", title=MARK,
                    body=MARK, channels=["bell"], notified_at=1, expires_at=FAR,
                )
            }  # fmt: skip
        hotel.subscriptions[f"browser-{MARK}"] = PushSubscription(
            subscription_id=f"browser-{MARK}", user_id="guest-1", endpoint=BROWSER["endpoint"], p256dh="k",
            auth="a", vapid_key="v",
        )  # fmt: skip
        yield one


async def no(house: House, who: Who, name: str, **more: Any) -> None:
    """A clear no, with nothing of the other hotel in it."""
    method, _, path = name.partition(" ")
    answer = await house.ask(who, method, path, **more)
    assert answer.status_code == 403, (name, who, answer.text)
    assert MARK not in answer.text


def agent_of(name: str) -> str:
    """Whose commands a path takes."""
    noun = name.split("/")[2]
    return {"announcements": "alerts"}.get(noun, noun)


@pytest.mark.parametrize("role", EVERYBODY | FURTHER)
async def test_another_hotel_that_is_named_is_refused(house: House, other: House, role: str) -> None:
    who = (EVERYBODY | FURTHER)[role]
    for name in READS:
        more = {"thread_id": f"thread-{MARK}"} if name.endswith("/messages") else {}
        await no(house, who, name, params={"property_id": other.own} | more)
    for name, body in NAMES_THE_HOTEL.items():
        await no(house, who, name, json=body | {"property_id": other.own})
    for name, (cmd, d) in COMMANDS.items():
        said = {"id": new_id(), "cmd": cmd, "d": d, "property_id": other.own}
        await no(house, who, name, json=said)
        said = {"id": new_id(), "cmd": f"{agent_of(name)}.{cmd}", "d": d | {"property_id": other.own}}
        await no(house, who, "POST /api/websocket/events", json=said)


@pytest.mark.parametrize("role", EVERYBODY)
async def test_its_things_are_not_there_for_who_names_them(house: House, other: House, role: str) -> None:
    seen: list[str] = []

    async def ask(status: int, name: str, **more: Any) -> httpx.Response:
        method, _, path = name.partition(" ")
        answer = await house.ask(EVERYBODY[role], method, path, **more)
        assert answer.status_code == status, (name, answer.text)
        seen.append(re.sub(rf"(thread|request|browser)-{MARK}", "what was asked for", answer.text))
        return answer

    def said(name: str) -> dict[str, Any]:
        return {"id": new_id(), "cmd": COMMANDS[name][0], "d": COMMANDS[name][1]}

    for name in READS:
        forbidden = role == "guest" and name.split("/", 2)[2] in ("rooms/reservations", "staff", "settings")
        thread = {"thread_id": f"thread-{MARK}"} if name.endswith("/messages") else {}
        await ask(404 if thread else 403 if forbidden else 200, name, params=thread)
    for name in ("POST /api/chat/rooms", "POST /api/chat/messages"):
        await ask(404, name, json=said(name))
    if role == "guest":  # what staff say the agent refuses, which knows of its hotel only
        await ask(404, "POST /api/services", json=said("POST /api/services"))
    beacon = {"notification_id": f"bell-{MARK}", "subscription_id": f"browser-{MARK}", "state": "shown"}
    await ask(404, "POST /api/notifications/push/beacon", json=beacon)
    await ask(200, "DELETE /api/notifications/push", json={"endpoint": BROWSER["endpoint"]})
    assert f"browser-{MARK}" in other.model.subscriptions
    hotels = (await ask(200, "GET /api/properties")).json()["properties"]
    assert [one["property_id"] for one in hotels] == [house.own]
    own = other.own
    channels = (f"property:{own}", f"staff:{own}", f"ops:{own}", f"department:{own}:front_desk")
    for channel in (*channels, f"room:{own}:101", f"thread:thread-{MARK}"):
        await ask(403, "GET /api/websocket/events", params={"ch": channel, "poll": "1"})
    assert not [one for one in seen if MARK in one]
