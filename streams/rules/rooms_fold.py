"""The house as a fold of its facts: reservations are a lattice, dimensions take their last writer by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemas.facts import said as body_of
from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.rooms import RoomsFact

if TYPE_CHECKING:
    from streams.rules.rooms import House

# Guarantee 5: cancelled and no-show over made, checked out over in; a stay over a cancellation.
RANK = {"made": 0, "cancelled": 1, "no_show": 2, "in_house": 3, "checked_out": 4}


def apply(house: House, body: Record, at: int) -> None:
    """Fold one fact that occurred at `at` (ms). Any order of reservation facts ends in the same state."""
    match body:
        case said.RoomStatusChanged():
            _dimension(house, body, at)
        case said.ReservationMade():
            _made(house, body, at)
        case said.ReservationCancelled():
            _climb(house, body.reservation_id, "cancelled", at)
        case said.ReservationNoShow():
            _climb(house, body.reservation_id, "no_show", at)
        case said.RoomAssigned():
            _room(house, body.reservation_id, body.room_id, at)
        case said.CheckedIn():
            _climb(house, body.reservation_id, "in_house", at)
            house.change(body.reservation_id, checked_in_at=at)
            _occupy(house, body, at)
        case said.CheckedOut():
            _climb(house, body.reservation_id, "checked_out", at)
            house.change(body.reservation_id, checked_out_at=at)
            _leave(house, body, at)
        case said.ChargePosted():
            old = house.reservations.get(body.reservation_id)
            house.change(body.reservation_id, charge_ids=[*(old.charge_ids if old else ()), body.charge_id])
        case said.NightAuditDone():
            if house.house.business_date is None or body.opened > house.house.business_date:
                house.house = said.HouseState(business_date=body.opened, audited_at=at)
        case said.DiscrepancyFound():
            room = house.room(body.room_id)
            house.rooms[body.room_id] = msgspec.structs.replace(room, discrepancy=body.kind)


def _dimension(house: House, body: said.RoomStatusChanged, at: int) -> None:
    room = house.room(body.room_id)
    if at < room.changed_at.get(body.dimension, at):
        return
    values: dict[str, object] = {body.dimension: body.value}
    if body.dimension == "block":
        values |= {"block_reason": body.reason, "block_until": body.until}
    changed_at = room.changed_at | {body.dimension: at}
    house.rooms[body.room_id] = msgspec.structs.replace(room, changed_at=changed_at, **values)


def _made(house: House, body: said.ReservationMade, at: int) -> None:
    old = house.reservations.get(body.reservation_id) or said.ReservationState(
        reservation_id=body.reservation_id
    )
    if at >= old.said_at.get("made", at):
        house.change(
            body.reservation_id,
            arrival=body.arrival,
            departure=body.departure,
            room_type=body.room_type,
            guest_id=body.guest_id or old.guest_id,
            adults=body.adults,
            children=body.children,
            currency=body.currency,
            complimentary=body.complimentary,
            changed_at=max(at, old.changed_at),
            said_at=old.said_at | {"made": at},
        )
    if body.room_id:
        _room(house, body.reservation_id, body.room_id, at)


def _room(house: House, reservation_id: str, room_id: str, at: int) -> None:
    """The reservation's room by the latest word, whichever kind of fact said it."""
    old = house.reservations.get(reservation_id) or said.ReservationState(reservation_id=reservation_id)
    if at >= old.said_at.get("room", at):
        house.change(reservation_id, room_id=room_id, said_at=old.said_at | {"room": at})


def _climb(house: House, reservation_id: str, status: str, at: int) -> None:
    old = house.reservations.get(reservation_id)
    if old is not None and RANK[old.status] >= RANK[status]:
        # It loses to what is known, but it was said: the mark keeps its repetition from being news.
        if old.status != status and status not in old.charge_ids:
            house.change(reservation_id, charge_ids=[*old.charge_ids, status])
        return
    marks = [*old.charge_ids, old.status] if old and old.status != "made" else old.charge_ids if old else []
    house.change(
        reservation_id, status=status, changed_at=max(at, old.changed_at if old else at), charge_ids=marks
    )


def _occupy(house: House, body: said.CheckedIn, at: int) -> None:
    if body.room_id:
        _room(house, body.reservation_id, body.room_id, at)
    reservation = house.reservations[body.reservation_id]
    guest_id = body.guest_id or reservation.guest_id
    house.change(body.reservation_id, guest_id=guest_id)
    if room_id := body.room_id or reservation.room_id:
        _stay(house, room_id, body.reservation_id, guest_id, at)


def _leave(house: House, body: said.CheckedOut, at: int) -> None:
    if room_id := body.room_id or house.reservations[body.reservation_id].room_id:
        _stay(house, room_id, None, None, at)


def _stay(house: House, room_id: str, reservation_id: str | None, guest_id: str | None, at: int) -> None:
    """Who is in the room, by the latest word: a late check-in of the guest before puts nobody back."""
    room = house.room(room_id)
    if at >= room.changed_at.get("stay", at):
        house.rooms[room_id] = msgspec.structs.replace(
            room, reservation_id=reservation_id, guest_id=guest_id, changed_at=room.changed_at | {"stay": at}
        )


def news(house: House, fact: RoomsFact) -> bool:
    """Whether the entity's own state has not heard this fact yet. Unknown facts (all null) are no news."""
    found = body_of(fact)
    if found is None:
        return False
    body = found[1]
    match body:
        case said.RoomStatusChanged():
            room = house.room(body.room_id)
            return fact.occurred_at != room.changed_at.get(body.dimension)
        case said.NightAuditDone():
            return house.house.business_date is None or body.opened > house.house.business_date
        case said.DiscrepancyFound():
            return house.room(body.room_id).discrepancy != body.kind
    reservation = house.reservations.get(getattr(body, "reservation_id", ""))
    if reservation is None:
        return True
    match body:
        case said.ReservationMade():
            # An amendment may change what this state does not hold; its repetition is the shell's to know.
            return reservation.said_at.get("made") != fact.occurred_at
        case said.ReservationCancelled():
            return reservation.status != "cancelled" and "cancelled" not in reservation.charge_ids
        case said.ReservationNoShow():
            return reservation.status != "no_show" and "no_show" not in reservation.charge_ids
        case said.RoomAssigned():
            return reservation.room_id != body.room_id or fact.occurred_at > reservation.said_at.get(
                "room", 0
            )
        case said.CheckedIn():
            return reservation.checked_in_at is None
        case said.CheckedOut():
            return reservation.checked_out_at is None
        case said.ChargePosted():
            return body.charge_id not in reservation.charge_ids
    return True
