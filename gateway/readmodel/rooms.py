"""Facts of the house, applied to rooms and reservations. Returns the room a fact is about, if any."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import rooms
from schemas.records.rooms import ReservationState, RoomsFact, RoomState

_RANK = {"made": 0, "cancelled": 1, "no_show": 1, "in_house": 2, "checked_out": 3}


def apply(hotel: Hotel, fact: RoomsFact, offset: int) -> str | None:
    """Applies one fact and says which room it changed."""
    found = said(fact)
    if found is None:
        return None
    at = fact.occurred_at
    match found[1]:
        case rooms.RoomStatusChanged() as body:
            changes: dict[str, Any] = {body.dimension: body.value}
            if body.dimension == "block":
                changes |= {"block_reason": body.reason, "block_until": body.until}
            _room(hotel, body.room_id, offset, at, body.dimension, **changes)
            return body.room_id
        case rooms.DiscrepancyFound() as body:
            _room(hotel, body.room_id, offset, at, "discrepancy", discrepancy=body.kind)
            return body.room_id
        case rooms.ReservationMade() as body:
            _reservation(
                hotel, body.reservation_id, offset, at, "made",
                arrival=body.arrival, departure=body.departure, room_type=body.room_type,
                room_id=body.room_id, guest_id=body.guest_id, adults=body.adults, children=body.children,
                currency=body.currency, complimentary=body.complimentary,
            )  # fmt: skip
        case rooms.ReservationCancelled() as body:
            _reservation(hotel, body.reservation_id, offset, at, "cancelled")
        case rooms.ReservationNoShow() as body:
            _reservation(hotel, body.reservation_id, offset, at, "no_show")
        case rooms.RoomAssigned() as body:
            _reservation(hotel, body.reservation_id, offset, at, None, room_id=body.room_id)
        case rooms.CheckedIn() as body:
            return _check_in(hotel, body, offset, at)
        case rooms.CheckedOut() as body:
            return _check_out(hotel, body, offset, at)
        case rooms.NightAuditDone() as body:
            if not hotel.reflects("house", "house", offset):
                hotel.house = replace(hotel.house, business_date=body.opened, audited_at=at)
        case _:
            pass
    return None


def _check_in(hotel: Hotel, body: rooms.CheckedIn, offset: int, at: int) -> str | None:
    known = hotel.reservations.get(body.reservation_id)
    room_id = body.room_id or (known.room_id if known else None)
    guest_id = body.guest_id or (known.guest_id if known else None)
    _reservation(
        hotel, body.reservation_id, offset, at, "in_house",
        room_id=room_id, guest_id=guest_id, checked_in_at=at,
    )  # fmt: skip
    if room_id:
        _room(
            hotel, room_id, offset, at, "front_office",
            front_office="occupied", reservation_id=body.reservation_id, guest_id=guest_id,
        )  # fmt: skip
    return room_id


def _check_out(hotel: Hotel, body: rooms.CheckedOut, offset: int, at: int) -> str | None:
    known = hotel.reservations.get(body.reservation_id)
    room_id = body.room_id or (known.room_id if known else None)
    _reservation(hotel, body.reservation_id, offset, at, "checked_out", checked_out_at=at)
    room = hotel.rooms.get(room_id) if room_id else None
    if room_id and (room is None or room.reservation_id in (None, body.reservation_id)):
        _room(
            hotel, room_id, offset, at, "front_office",
            front_office="vacant", reservation_id=None, guest_id=None,
        )  # fmt: skip
        _room(hotel, room_id, offset, at, "housekeeping", housekeeping="dirty")
    return room_id


def _room(hotel: Hotel, room_id: str, offset: int, at: int, dimension: str, **changes: Any) -> None:
    if hotel.reflects("room", room_id, offset):
        return
    room = hotel.rooms.get(room_id) or RoomState(room_id=room_id)
    # Last writer by occurred_at, only inside one dimension.
    if at >= room.changed_at.get(dimension, at):
        room = replace(room, changed_at=room.changed_at | {dimension: at}, **changes)
    hotel.rooms[room_id] = room
    hotel.versions["room", room_id] = offset


def _reservation(
    hotel: Hotel, reservation_id: str, offset: int, at: int, status: str | None, **changes: Any
) -> None:
    key = ("reservation", reservation_id)
    if hotel.reflects(*key, offset):
        return
    known = hotel.reservations.get(reservation_id) or ReservationState(reservation_id=reservation_id)
    if status is not None and _RANK[status] >= _RANK[known.status]:
        changes["status"] = status
    said_more = {name: value for name, value in changes.items() if value is not None}
    hotel.reservations[reservation_id] = replace(known, changed_at=max(at, known.changed_at), **said_more)
    hotel.versions[key] = offset
