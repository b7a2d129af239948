"""Who may send what, as a table and for a guest's own things."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gateway.claims import Claims
from gateway.commands import read
from gateway.errors import Refused

GUEST = Claims("guest-101", "guest", "h", "Ann", "101", "r1", (), 0, 10**13, "t")
STAFF = dataclasses.replace(
    GUEST, user_id="staff-1", role="staff", room_id=None, departments=("housekeeping",)
)
DESK = dataclasses.replace(STAFF, departments=("front_desk",))
MANAGER = dataclasses.replace(STAFF, role="manager", departments=())
DATA = dataclasses.replace(STAFF, role="data")

CHECK_IN = {"reservation_id": "r1", "room_id": "101"}
SHIFT = {"staff_id": "staff-1", "department": "housekeeping", "ends_at": 5}
ANNOUNCE = {"audience": "house", "title": "t", "body": "b", "until": 5}
ASK = {"room_id": "101", "item": "towels"}


@pytest.mark.parametrize(
    ("who", "name", "d", "status"),
    [
        (GUEST, "services.request", ASK, 0),
        (GUEST, "services.request", ASK | {"room_id": "102"}, 403),
        (
            GUEST,
            "rooms.set_room_status",
            {"room_id": "101", "dimension": "guest_service", "value": "none"},
            0,
        ),
        (GUEST, "rooms.set_room_status", {"room_id": "101", "dimension": "block", "value": "none"}, 403),
        (GUEST, "alerts.raise_emergency", {"kind": "fire", "room_id": "102"}, 403),
        (GUEST, "alerts.raise_emergency", {"kind": "fire", "drill": True}, 403),
        (GUEST, "services.accept", {"request_id": "x"}, 403),
        (GUEST, "alerts.announce", ANNOUNCE, 403),
        (STAFF, "services.accept", {"request_id": "x"}, 0),
        (STAFF, "services.assign", {"request_id": "x", "staff_id": "y"}, 403),
        (STAFF, "services.rate", {"request_id": "x", "score": 5}, 403),
        (STAFF, "rooms.check_in", CHECK_IN, 403),
        (DESK, "rooms.check_in", CHECK_IN, 0),
        (STAFF, "staff.start_shift", SHIFT, 0),
        (STAFF, "staff.start_shift", SHIFT | {"staff_id": "other"}, 403),
        (MANAGER, "staff.start_shift", SHIFT | {"staff_id": "other"}, 0),
        (MANAGER, "alerts.announce", ANNOUNCE, 0),
        (DATA, "services.request", ASK, 403),
        (MANAGER, "services.tick", {"due_at": 1}, 400),
        (MANAGER, "services.nothing", {}, 400),
        (GUEST, "services.request", {"room_id": "101"}, 400),
        (GUEST, "services.request", ASK | {"extra": 1}, 400),
        (GUEST, "services.request", ASK | {"item": 7}, 400),
    ],
)
def test_the_table(who: Claims, name: str, d: dict[str, Any], status: int) -> None:
    if not status:
        assert read(who, "h", "c1", name, d, 1).record.actor_id == who.user_id
        return
    with pytest.raises(Refused) as caught:
        read(who, "h", "c1", name, d, 1)
    assert caught.value.status == status


def test_a_guest_asks_in_their_own_name_and_cannot_jump_the_queue() -> None:
    asked = ASK | {"guest_id": "somebody", "priority": 1}
    record: Any = read(GUEST, "h", "c1", "services.request", asked, 1).record
    assert (record.request.guest_id, record.request.priority) == ("guest-101", None)


@pytest.mark.parametrize(
    ("room", "said", "found"),
    [
        ("101", {"room_id": "101", "location": "the bath"}, "101"),
        ("101", {}, "101"),
        ("101", {"location": "the lobby"}, None),
        (None, {"location": "the lobby"}, None),
    ],
)
def test_help_is_called_to_where_it_is_needed_also_without_a_room(
    room: str | None, said: dict[str, Any], found: str | None
) -> None:
    guest = dataclasses.replace(GUEST, room_id=room)
    record: Any = read(guest, "h", "c1", "alerts.raise_emergency", {"kind": "medical"} | said, 1).record
    assert record.raise_emergency.room_id == found


@pytest.mark.parametrize("bad", ["", "a/b", "x" * 65, "a b", "é"])
def test_an_id_has_no_separators(bad: str) -> None:
    with pytest.raises(Refused) as caught:
        read(GUEST, "h", bad, "services.request", ASK, 1)
    assert caught.value.code == "bad_id"
