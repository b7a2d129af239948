"""Which time in a room is a guest's: until when it is theirs, and from when on they may hear of it. Pure.

A room goes from guest to guest. What was asked for before somebody moved in is another guest's business, and
what comes after a check-out too, for a token that names its stay. One that names none is of the room, as of a
device that stays in it: it hears of whoever is there now.
"""

from __future__ import annotations

from gateway.claims import Claims
from gateway.readmodel.hotel import Hotel
from schemas.records.rooms import ReservationState
from schemas.records.services import RequestState

_OVER = ("cancelled", "no_show", "checked_out")


def in_room(claims: Claims, hotel: Hotel | None, room_id: str) -> bool:
    """Whether this guest's token is for this room, and its stay, where it names one, is not over or moved."""
    if claims.room_id is None or claims.room_id != room_id:
        return False
    stay = _stay(claims, hotel)
    if stay is None:
        return True
    if stay.status in _OVER:
        return False
    return stay.status != "in_house" or stay.room_id in (None, room_id)


def over(claims: Claims, hotel: Hotel | None) -> bool:
    """Whether a guest's token names a stay that is known to be over: announcements are not for them."""
    stay = _stay(claims, hotel) if claims.role == "guest" else None
    return stay is not None and stay.status in _OVER


def _stay(claims: Claims, hotel: Hotel | None) -> ReservationState | None:
    return hotel.reservations.get(claims.reservation_id) if hotel and claims.reservation_id else None


def since(hotel: Hotel, room_id: str) -> int:
    """When somebody last moved in or out (ms): what began before is not the present guest's."""
    room = hotel.rooms.get(room_id)
    return room.changed_at.get("stay", 0) if room else 0


def knows(claims: Claims, hotel: Hotel, request: RequestState) -> bool:
    """Whether a guest may see a request: their own, or one made for their room in their time there."""
    if request.guest_id == claims.user_id:
        return True
    in_time = request.created_at >= since(hotel, request.room_id)
    return in_time and in_room(claims, hotel, request.room_id)
