"""Requests: a guest sees their own and their room's, staff their department's and what they have in hand."""

from __future__ import annotations

from typing import Any

from schemas.records.rooms import ReservationState, RoomState
from schemas.records.services import RequestState
from tests.gateway.rest.conftest import DESK, GUEST, KEEPER, MANAGER, House, command


def asked(house: House, own: str, room: str = "102", department: str = "maintenance", **more: Any) -> None:
    house.model.requests[own] = RequestState(
        request_id=own, room_id=room, item="x", department=department, priority=2, credits=0.5,
        accept_by=1, resolve_by=2, created_at=1, **more,
    )  # fmt: skip


async def test_who_sees_which(house: House) -> None:
    asked(house, "a", guest_id="guest-1")
    asked(house, "b", room="101")
    asked(house, "c", department="housekeeping")
    asked(house, "d", staff_id="staff-1")
    asked(house, "e", status="completed")
    for who, seen in ((GUEST, "ab"), (KEEPER, "cd"), (DESK, "abcde"), (MANAGER, "abcde")):
        found = await house.get(who, "/api/services")
        assert [one["request_id"] for one in found["requests"]] == list(seen), who
    house.model.rooms["101"] = RoomState(room_id="101", changed_at={"stay": 2})
    found = await house.get(GUEST, "/api/services")
    assert [one["request_id"] for one in found["requests"]] == ["a"], "b is of the guest before"
    found = await house.get(MANAGER, "/api/services", department="maintenance", open_only=True)
    assert [one["request_id"] for one in found["requests"]] == ["a", "b", "d"]


async def test_whose_stay_is_over_asks_for_nothing_more_but_help(house: House) -> None:
    house.model.reservations["s"] = ReservationState(reservation_id="s", status="checked_out", room_id="101")
    gone = ("guest", {"room": "101", "stay": "s"})
    ask = command("request", {"room_id": "101", "item": "towels"})
    assert await house.refused(gone, "POST", "/api/services", json=ask) == (403, "forbidden")
    quiet = command(
        "set_room_status", {"room_id": "101", "dimension": "guest_service", "value": "do_not_disturb"}
    )
    assert await house.refused(gone, "POST", "/api/rooms", json=quiet) == (403, "forbidden")
    help_me = command("raise_emergency", {"kind": "medical", "location": "the lobby"})
    assert (await house.ask(gone, "POST", "/api/alerts", json=help_me)).status_code == 202


async def test_a_guest_acts_on_what_is_theirs(house: House) -> None:
    asked(house, "a", guest_id="somebody")
    for body, no in (
        (command("cancel", {"request_id": "a"}), (403, "not_yours")),
        (command("cancel", {"request_id": "none"}), (404, "unknown_request")),
        (command("request", {"room_id": "102", "item": "towels"}), (403, "forbidden")),
        (command("accept", {"request_id": "a"}), (403, "forbidden")),
    ):
        assert await house.refused(GUEST, "POST", "/api/services", json=body) == no


async def test_what_the_next_guest_asked_for_is_not_to_be_cancelled(house: House) -> None:
    asked(house, "a", room="101", guest_id="next")
    house.model.reservations["s"] = ReservationState(reservation_id="s", status="checked_out", room_id="101")
    cancel, left = command("cancel", {"request_id": "a"}), ("guest", {"room": "101", "stay": "s"})
    assert await house.refused(left, "POST", "/api/services", json=cancel) == (403, "not_yours")
