"""The house as a fold of its facts: reservations are a lattice, dimensions take their last writer by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schemas import house as fold
from schemas.facts import said as body_of
from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.rooms import ReservationState, RoomsFact, StatusWord

if TYPE_CHECKING:
    from streams.rules.rooms import House


def apply(house: House, body: Record, at: int) -> None:
    """Fold one fact that occurred at `at` (ms). Any order ends in the same state, but for discrepancies."""
    match body:
        case said.RoomStatusChanged():
            house.rooms[body.room_id] = fold.status_changed(house.room(body.room_id), body, at)
        case said.DiscrepancyFound():
            # The agent's own word, by the log's order: the last one is what stands.
            room = house.room(body.room_id)
            house.rooms[body.room_id] = replace(room, discrepancy=body.kind, discrepancy_reason=body.reason)
        case said.NightAuditDone():
            house.house = fold.audited(house.house, body, at)
        case _:
            _reservation(house, body, at)


def _reservation(house: House, body: Record, at: int) -> None:
    reservation_id: str = body.reservation_id  # type: ignore[attr-defined]  # every other fact has it
    old = house.reservations.get(reservation_id) or ReservationState(reservation_id=reservation_id)
    house.keep(fold.reserved(old, body, at))
    # Only what the fact itself says: the rest follows from stays, as facts of its own.
    if isinstance(body, said.CheckedIn | said.CheckedOut) and body.room_id:
        house.rooms[body.room_id] = fold.moved(house.room(body.room_id), body, at)


def news(house: House, fact: RoomsFact) -> bool:
    """Whether the entity's own state has not heard this fact yet. Unknown facts (all null) are no news.

    Ids of the last days are the shell's to know. This holds for ever, so it says no only where the very same
    words were heard: a fact that merely loses to a later one is recorded too.
    """
    found = body_of(fact)
    if found is None:
        return False
    body, at = found[1], fact.occurred_at
    match body:
        case said.RoomStatusChanged():
            room = house.room(body.room_id)
            if body.dimension in fold.DERIVED:
                return room.words.get(body.dimension) != StatusWord(at=at, value=body.value)
            known = room.changed_at.get(body.dimension) == at
            return not (known and all(getattr(room, n) == value for n, value in fold.told(body).items()))
        case said.NightAuditDone():
            return (house.house.business_date, house.house.audited_at) != (body.opened, at)
        case said.DiscrepancyFound():
            return False
    reservation = house.reservations.get(getattr(body, "reservation_id", ""))
    if reservation is None:
        return True
    match body:
        case said.ReservationMade():
            return reservation.said_at.get("made") != at or reservation.made_as != fold.fingerprint(body)
        case said.ChargePosted():
            return body.charge_id not in reservation.charge_ids
    return fold.mark_of(body, at) not in reservation.marks
