"""/api/rooms: the room board, reservations, and what is done to them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from gateway import permissions, stays
from gateway.auth import SignedIn, Staff
from gateway.events import plain, room_for_guests
from gateway.readmodel.hotel import Hotel
from gateway.rest.answers import Ask, Decided, ask
from gateway.rest.hotel import MAX_PAGE, PAGE, After, InHotel, Limit, page
from gateway.rest.wire import body_of, give, told
from gateway.state import Live
from schemas.records.folds import OccupancyState
from schemas.records.rooms import HouseState, ReservationState, ReservationStatus, RoomState

router = APIRouter(tags=["rooms"])


class Rooms(msgspec.Struct):
    """Rooms by id: RoomState (to guests its dimensions) with room_type, floor and zone_id; the house."""

    rooms: list[dict[str, Any]]
    house: HouseState
    occupancy: OccupancyState | None
    cur: str
    next: str | None = None


class Reservations(msgspec.Struct):
    """Reservations by id."""

    reservations: list[ReservationState]
    cur: str
    next: str | None = None


def room_of(hotel: Hotel, room_id: str, to_guest: bool) -> dict[str, Any]:
    """A room now with what it is; one that nothing happened in yet is vacant and clean."""
    room = hotel.rooms.get(room_id) or RoomState(room_id=room_id)
    found: dict[str, Any] = room_for_guests(room) if to_guest else plain(room)
    known = hotel.room_settings.get(room_id)
    found |= {
        "room_type": known.room_type if known else "",
        "floor": known.floor if known else None,
        "zone_id": known.zone_id if known else None,
    }
    return found


@router.get("/api/rooms", **told(Rooms, also=(404, 422)))
async def rooms(
    claims: SignedIn, live: Live, hotel: InHotel, after: After = "", limit: Limit = MAX_PAGE
) -> Response:
    """Every room for staff; for a guest their own while they stay, without who is in it or what is odd."""
    ids = sorted(hotel.rooms.keys() | hotel.room_settings.keys())
    guest = claims.role == "guest"
    if guest:
        ids = [one for one in ids if stays.in_room(claims, hotel, one)]
    found, more = page([(one, one) for one in ids], after, limit)
    shown = [room_of(hotel, one, guest) for one in found]
    occupancy = None if guest else hotel.occupancy
    return give(Rooms(shown, hotel.house, occupancy, live.hub.cursor(hotel.property_id), more))


@router.get("/api/rooms/reservations", **told(Reservations, also=(404, 422)))
async def reservations(
    claims: Staff,
    live: Live,
    hotel: InHotel,
    status: Annotated[ReservationStatus | None, Query()] = None,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """Reservations, for staff."""
    known = [
        (one.reservation_id, one)
        for one in hotel.reservations.values()
        if status is None or one.status == status
    ]
    found, more = page(known, after, limit)
    return give(Reservations(found, live.hub.cursor(hotel.property_id), more))


@router.post(
    "/api/rooms", **told(Decided, Ask, also=(202, 404, 409, 429, 503), commands=permissions.of("rooms"))
)
async def command(claims: SignedIn, live: Live, body: Annotated[Ask, Depends(body_of(Ask))]) -> Response:
    """`cmd`: set_room_status, make_reservation, cancel_reservation, assign_room, check_in, check_out,
    reverse_check_in, reverse_check_out, post_charge, void_charge, run_night_audit.
    """
    return await ask(live, claims, "rooms", body)
