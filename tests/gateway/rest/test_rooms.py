"""The room board: every room for staff, their own for a guest; reservations for staff."""

from __future__ import annotations

from schemas.records.rooms import ReservationState, RoomState
from schemas.records.settings import RoomSettings
from tests.gateway.rest.conftest import DESK, GUEST, KEEPER, House, command


async def test_rooms_with_what_they_are_page_by_page(house: House) -> None:
    for number in ("101", "102", "103"):
        house.model.room_settings[number] = RoomSettings(
            room_id=number, room_type="double", floor=1, zone_id="floor-1"
        )
    house.model.rooms["102"] = RoomState(room_id="102", housekeeping="dirty")
    house.model.rooms["999"] = RoomState(room_id="999")
    found = await house.get(KEEPER, "/api/rooms", limit=3)
    assert [(one["room_id"], one["housekeeping"]) for one in found["rooms"]] == [
        ("101", "clean"), ("102", "dirty"), ("103", "clean"),
    ]  # fmt: skip
    found = await house.get(KEEPER, "/api/rooms", after=found["next"])
    assert [(one["room_id"], one["room_type"]) for one in found["rooms"]] == [("999", "")], "of no inventory"
    assert found["next"] is None
    found = await house.get(GUEST, "/api/rooms")
    assert ([one["room_id"] for one in found["rooms"]], found["occupancy"]) == (["101"], None)


async def test_a_guest_is_not_told_who_is_in_the_room_nor_of_it_once_the_stay_is_over(house: House) -> None:
    house.model.rooms["101"] = RoomState(
        room_id="101", front_office="occupied", reservation_id="next", guest_id="somebody", persons=2,
        discrepancy="person", discrepancy_reason="three were seen", block_reason="x", changed_at={"stay": 7},
    )  # fmt: skip
    (room,) = (await house.get(GUEST, "/api/rooms"))["rooms"]
    assert room == {
        "room_id": "101", "front_office": "occupied", "housekeeping": "clean", "block": "none",
        "guest_service": "none", "room_type": "", "floor": None, "zone_id": None,
    }  # fmt: skip
    house.model.reservations["s"] = ReservationState(reservation_id="s", status="checked_out", room_id="101")
    assert (await house.get(("guest", {"room": "101", "stay": "s"}), "/api/rooms"))["rooms"] == []


async def test_reservations_are_not_for_guests_and_the_desks_to_change(house: House) -> None:
    for own, status in (("a", "made"), ("b", "in_house")):
        house.model.reservations[own] = ReservationState(reservation_id=own, status=status)  # type: ignore[arg-type]  # a Literal by its text
    found = await house.get(DESK, "/api/rooms/reservations", status="in_house")
    assert [one["reservation_id"] for one in found["reservations"]] == ["b"]
    assert await house.refused(GUEST, "GET", "/api/rooms/reservations") == (403, "forbidden")
    body = command("check_in", {"reservation_id": "a"})
    assert await house.refused(KEEPER, "POST", "/api/rooms", json=body) == (403, "forbidden")
