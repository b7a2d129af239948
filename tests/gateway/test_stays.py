"""A room goes from guest to guest: each knows of their own time in it only."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import stays
from gateway.claims import Claims, verify
from gateway.readmodel.hotel import Hotel
from schemas.records.rooms import ReservationState, RoomState
from schemas.records.services import RequestState
from tests.gateway.support import settings_for, token

MOVED_IN = 100


def guest(**more: Any) -> Claims:
    return verify(token("guest", sub="ann", room="101", **more), settings_for("127.0.0.1:1"))


def request(at: int, room: str = "101", guest_id: str | None = None) -> RequestState:
    return RequestState(
        request_id="r", room_id=room, guest_id=guest_id, item="x", department="spa", priority=2, credits=0.5,
        accept_by=1, resolve_by=2, created_at=at,
    )  # fmt: skip


@pytest.fixture
def hotel() -> Hotel:
    found = Hotel("h")
    found.rooms["101"] = RoomState(room_id="101", changed_at={"stay": MOVED_IN})
    return found


def stay(hotel: Hotel, status: Any, room: str | None = "101") -> None:
    hotel.reservations["s"] = ReservationState(reservation_id="s", status=status, room_id=room)


def test_what_an_earlier_guest_asked_for_is_not_known(hotel: Hotel) -> None:
    ann = guest()
    assert not stays.knows(ann, hotel, request(MOVED_IN - 1))
    assert not stays.knows(ann, hotel, request(MOVED_IN - 1, guest_id="bob"))
    assert stays.knows(ann, hotel, request(MOVED_IN, guest_id="companion"))
    assert stays.knows(ann, hotel, request(1, guest_id="ann")), "one's own, whenever it was"
    assert not stays.knows(ann, hotel, request(MOVED_IN, room="102"))
    assert stays.since(hotel, "102") == 0


@pytest.mark.parametrize(
    ("status", "room", "theirs"),
    [
        ("made", None, True),
        ("in_house", "101", True),
        ("in_house", "102", False),
        ("checked_out", "101", False),
        ("cancelled", "101", False),
        ("no_show", "101", False),
    ],
)
def test_a_room_is_theirs_until_the_stay_is_over_or_moved(
    hotel: Hotel, status: str, room: str | None, theirs: bool
) -> None:
    stay(hotel, status, room)
    ann = guest(stay="s")
    assert stays.in_room(ann, hotel, "101") is theirs
    assert stays.knows(ann, hotel, request(MOVED_IN, guest_id="companion")) is theirs
    assert stays.knows(ann, hotel, request(MOVED_IN, guest_id="ann"))


@pytest.mark.parametrize(
    ("status", "over"), [("made", False), ("in_house", False), ("checked_out", True), ("cancelled", True)]
)
def test_a_stay_is_over_for_who_names_it(hotel: Hotel, status: str, over: bool) -> None:
    stay(hotel, status)
    assert stays.over(guest(stay="s"), hotel) is over
    assert not stays.over(guest(), hotel), "a device of the room"
    assert not stays.over(guest(stay="s"), None)
    staff = verify(token("staff", stay="s"), settings_for("127.0.0.1:1"))
    assert not stays.over(staff, hotel)


def test_a_stay_that_nobody_knows_or_names_leaves_the_token_its_word(hotel: Hotel) -> None:
    assert stays.in_room(guest(stay="unheard"), hotel, "101")
    assert stays.in_room(guest(), None, "101")
    assert not stays.in_room(guest(), hotel, "102")
