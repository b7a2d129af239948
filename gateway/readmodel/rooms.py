"""Facts of the house, applied to rooms and reservations as their agent does. Says which room a fact names."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import rooms
from schemas.records.rooms import HouseState, ReservationState, RoomsFact, RoomState

# Guarantee 5: cancelled and no-show over made, checked out over in; a stay over a cancellation.
_RANK = {"made": 0, "cancelled": 1, "no_show": 2, "in_house": 3, "checked_out": 4}


def apply(hotel: Hotel, fact: RoomsFact, offset: int) -> str | None:
    """Applies one fact and says which room it names. It depends on the fact alone: a replay says the same."""
    found = said(fact)
    if found is None:
        return None
    body, at = found[1], fact.occurred_at
    match body:
        case rooms.RoomStatusChanged() | rooms.DiscrepancyFound():
            if not hotel.reflects("room", body.room_id, offset):
                _put_room(hotel, _spoken(hotel, body, at), offset)
            return body.room_id
        case rooms.NightAuditDone():
            before = hotel.house.business_date
            if not hotel.reflects("house", "house", offset) and (before is None or body.opened > before):
                hotel.house = HouseState(business_date=body.opened, audited_at=at)
            return None
    reservation_id = str(getattr(body, "reservation_id"))  # noqa: B009  # every other body has it
    held = hotel.reflects("reservation", reservation_id, offset)
    if not held:
        known = hotel.reservations.get(reservation_id)
        hotel.reservations[reservation_id] = _reserved(known, reservation_id, body, at)
        hotel.versions["reservation", reservation_id] = offset
    if isinstance(body, rooms.CheckedIn | rooms.CheckedOut):
        now = hotel.reservations[reservation_id]
        stays = isinstance(body, rooms.CheckedIn)
        # What a later reservation says of its room was not known yet when this was said.
        room_id = body.room_id or (None if held else now.room_id)
        _stay(hotel, room_id, now if stays else None, at, offset)
        return body.room_id
    return None


def _put_room(hotel: Hotel, room: RoomState, offset: int) -> None:
    hotel.rooms[room.room_id] = room
    hotel.versions["room", room.room_id] = offset


def _spoken(hotel: Hotel, body: rooms.RoomStatusChanged | rooms.DiscrepancyFound, at: int) -> RoomState:
    """The room after a word about it: last writer by occurred_at, only inside one dimension."""
    room = hotel.rooms.get(body.room_id) or RoomState(room_id=body.room_id)
    if isinstance(body, rooms.DiscrepancyFound):
        return replace(room, discrepancy=body.kind)
    if at < room.changed_at.get(body.dimension, at):
        return room
    values: dict[str, Any] = {body.dimension: body.value}
    if body.dimension == "block":
        values |= {"block_reason": body.reason, "block_until": body.until}
    return replace(room, changed_at=room.changed_at | {body.dimension: at}, **values)


def _reserved(known: ReservationState | None, own: str, body: object, at: int) -> ReservationState:
    """The reservation after one more fact; facts in any order end in the same state."""
    old = known or ReservationState(reservation_id=own)
    match body:
        case rooms.ReservationMade():
            if at >= old.said_at.get("made", at):
                old = replace(
                    old, arrival=body.arrival, departure=body.departure, room_type=body.room_type,
                    guest_id=body.guest_id or old.guest_id, adults=body.adults, children=body.children,
                    currency=body.currency, complimentary=body.complimentary,
                    changed_at=max(at, old.changed_at), said_at=old.said_at | {"made": at},
                )  # fmt: skip
            return _in_room(old, body.room_id, at)
        case rooms.ReservationCancelled():
            return _climbed(known, old, "cancelled", at)
        case rooms.ReservationNoShow():
            return _climbed(known, old, "no_show", at)
        case rooms.RoomAssigned():
            return _in_room(old, body.room_id, at)
        case rooms.CheckedIn():
            old = replace(_climbed(known, old, "in_house", at), checked_in_at=at)
            return replace(_in_room(old, body.room_id, at), guest_id=body.guest_id or old.guest_id)
        case rooms.CheckedOut():
            return replace(_climbed(known, old, "checked_out", at), checked_out_at=at)
        case rooms.ChargePosted():
            return replace(old, charge_ids=[*old.charge_ids, body.charge_id])
        case _:
            return old


def _in_room(old: ReservationState, room_id: str | None, at: int) -> ReservationState:
    """Its room by the latest word, whichever kind of fact said it."""
    if room_id is None or at < old.said_at.get("room", at):
        return old
    return replace(old, room_id=room_id, said_at=old.said_at | {"room": at})


def _climbed(known: ReservationState | None, old: ReservationState, status: Any, at: int) -> ReservationState:
    if known is not None and _RANK[old.status] >= _RANK[status]:
        lost = old.status != status and status not in old.charge_ids
        return replace(old, charge_ids=[*old.charge_ids, status]) if lost else old
    marks = [*old.charge_ids, old.status] if known and old.status != "made" else old.charge_ids
    return replace(old, status=status, changed_at=max(at, old.changed_at), charge_ids=marks)


def _stay(hotel: Hotel, room_id: str | None, guest: ReservationState | None, at: int, offset: int) -> None:
    """Who is in the room, by the latest word. Its status is a fact of its own."""
    if room_id is None or hotel.reflects("room", room_id, offset):
        return
    room = hotel.rooms.get(room_id) or RoomState(room_id=room_id)
    if at >= room.changed_at.get("stay", at):
        room = replace(
            room, reservation_id=guest.reservation_id if guest else None,
            guest_id=guest.guest_id if guest else None, changed_at=room.changed_at | {"stay": at},
        )  # fmt: skip
        _put_room(hotel, room, offset)
