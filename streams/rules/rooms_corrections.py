"""Commands that set right what was said before: a move, a mistaken check-in or check-out, a charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import house as fold
from schemas.records import rooms as said
from schemas.records.rooms import ReservationState
from streams.rules.deciding import MANAGER_ROLES, Ask, Context, Decision, Said, refuse

if TYPE_CHECKING:
    from streams.rules.rooms import House

RULE = "rooms-corrections@1"


def known(house: House, reservation_id: str) -> ReservationState | Decision:
    """The reservation, or the refusal where nobody knows it."""
    one = house.reservations.get(reservation_id)
    return one or refuse(RULE, "not_found", f"There is no reservation {reservation_id}.")


def unfit(house: House, room_id: str, context: Context) -> Decision | None:
    """Why nobody can move into the room now; None: they can. Out of service is still sellable."""
    if room_id not in context.rooms:
        return refuse(RULE, "unknown_room", f"This hotel has no room {room_id}.")
    room = house.room(room_id)
    for is_so, reason in (
        (room.front_office == "occupied", "is occupied"),
        (room.block == "out_of_order", "is out of order"),
        (room.housekeeping not in ("clean", "inspected"), f"is {room.housekeeping}"),
    ):
        if is_so:
            return refuse(RULE, "contradiction", f"Room {room_id} {reason}: choose another one.")
    return None


def move(house: House, ask: Ask, body: said.RoomAssigned, context: Context) -> Decision:
    """Who is in house moves into another room; the one they leave is vacant and dirty."""
    one = house.reservations[body.reservation_id]
    if body.room_id == one.room_id:
        return Decision(RULE, f"The guest is in room {body.room_id} already.")
    if (no := unfit(house, body.room_id, context)) is not None:
        return no
    at = max(ask.at, one.said_at.get("room", -1) + 1, (one.checked_in_at or 0) + 1)
    for room_id in (body.room_id, one.room_id):
        at = house.after(room_id, at, "front_office", "housekeeping", "stay") if room_id else at
    facts = house.foresee((Said("room_assigned", body, at),), ask.at)
    return Decision(RULE, f"Moved to room {body.room_id}.", facts)


def reverse_check_in(house: House, ask: Ask, body: said.ReverseCheckIn) -> Decision:
    """The reservation waits for its guest again, in the room it has."""
    one = known(house, body.reservation_id)
    if isinstance(one, Decision):
        return one
    if one.status != "in_house" or one.checked_in_at is None:
        return refuse(RULE, "wrong_state", f"It is {stands(one)}: there is no check-in to reverse.")
    if no := _closed(house, one.checked_in_at, "check the guest out instead"):
        return no
    fact = said.CheckInReversed(reservation_id=one.reservation_id, reason=body.reason)
    at = _after(house, one, max(ask.at, one.checked_in_at))
    return Decision(RULE, "Check-in reversed.", house.foresee((Said("check_in_reversed", fact, at),), ask.at))


def reverse_check_out(house: House, ask: Ask, body: said.ReverseCheckOut) -> Decision:
    """The guest stays on, in the room they had, as long as nobody else is in it."""
    one = known(house, body.reservation_id)
    if isinstance(one, Decision):
        return one
    if one.status != "checked_out" or one.checked_out_at is None:
        return refuse(RULE, "wrong_state", f"It is {stands(one)}: there is no check-out to reverse.")
    if no := _closed(house, one.checked_out_at, "make a new reservation instead"):
        return no
    if one.room_id and house.room(one.room_id).front_office == "occupied":
        sentence = f"Room {one.room_id} is occupied: the guest can't stay on in it."
        return refuse(RULE, "contradiction", sentence)
    fact = said.CheckOutReversed(reservation_id=one.reservation_id, reason=body.reason)
    at = _after(house, one, max(ask.at, one.checked_out_at))
    facts = house.foresee((Said("check_out_reversed", fact, at),), ask.at)
    return Decision(RULE, "Check-out reversed.", facts)


def void_charge(house: House, ask: Ask, body: said.VoidCharge) -> Decision:
    """The charge counts no more, though its business date be closed: that date is restated."""
    if ask.role not in MANAGER_ROLES:
        return refuse(RULE, "forbidden", "Only a manager may void a charge.")
    one = known(house, body.reservation_id)
    if isinstance(one, Decision):
        return one
    if body.charge_id not in one.charge_ids:
        sentence = f"Reservation {one.reservation_id} has no charge {body.charge_id}."
        return refuse(RULE, "not_found", sentence)
    if fold.voided(one, body.charge_id):
        return Decision(RULE, "The charge is void already.")
    fact = said.ChargeVoided(charge_id=body.charge_id, reservation_id=one.reservation_id, reason=body.reason)
    return Decision(RULE, "Charge voided.", (Said("charge_voided", fact, ask.at),))


def stands(one: ReservationState) -> str:
    """Its status as a person would say it."""
    return one.status.replace("_", " ")


def _closed(house: House, at: int, instead: str) -> Decision | None:
    """The refusal where the business date of that moment (ms) is closed: who stayed the night has stayed."""
    if at >= (house.house.audited_at or 0):
        return None
    return refuse(RULE, "wrong_state", f"The business date of that is closed: {instead}.")


def _after(house: House, one: ReservationState, at: int) -> int:
    """`at` (ms), or right after what was said last of the room it has."""
    return house.after(one.room_id, at, "front_office", "stay") if one.room_id else at
