"""Facts of the house, applied to rooms and reservations as their agent does. Says which room a fact names."""

from __future__ import annotations

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas import house as fold
from schemas.facts import said
from schemas.records import rooms
from schemas.records.rooms import ReservationState, RoomsFact, RoomState


def apply(hotel: Hotel, fact: RoomsFact, offset: int) -> str | None:
    """Applies one fact and says which room it names. It depends on the fact alone: a replay says the same."""
    found = said(fact)
    if found is None:
        return None
    body, at = found[1], fact.occurred_at
    match body:
        case rooms.RoomStatusChanged() | rooms.DiscrepancyFound() | rooms.CheckedIn() | rooms.CheckedOut():
            room_id = body.room_id
            if room_id is not None and not hotel.reflects("room", room_id, offset):
                hotel.rooms[room_id] = _told(hotel.rooms.get(room_id) or RoomState(room_id=room_id), body, at)
                hotel.versions["room", room_id] = offset
        case rooms.NightAuditDone():
            if not hotel.reflects("house", "house", offset):
                hotel.house = fold.audited(hotel.house, body, at)
            return None
        case _:
            room_id = None
    if isinstance(body, rooms.RoomStatusChanged | rooms.DiscrepancyFound):
        return room_id
    own = str(getattr(body, "reservation_id"))  # noqa: B009  # every other body has it
    if not hotel.reflects("reservation", own, offset):
        old = hotel.reservations.get(own) or ReservationState(reservation_id=own)
        hotel.reservations[own] = fold.reserved(old, body, at)
        hotel.versions["reservation", own] = offset
    return room_id


def _told(
    room: RoomState,
    body: rooms.RoomStatusChanged | rooms.DiscrepancyFound | rooms.CheckedIn | rooms.CheckedOut,
    at: int,
) -> RoomState:
    match body:
        case rooms.RoomStatusChanged():
            return fold.status_changed(room, body, at)
        case rooms.DiscrepancyFound():
            return replace(room, discrepancy=body.kind, discrepancy_reason=body.reason)
        case _:
            return fold.moved(room, body, at)
