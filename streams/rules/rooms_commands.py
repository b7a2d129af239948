"""Commands to the house: what is allowed now, and the reason when it is not."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from schemas import house as fold
from schemas.records import rooms as said
from streams.rules import rooms_corrections
from streams.rules.deciding import MANAGER_ROLES, STAFF_ROLES, Ask, Context, Decision, Said, refuse
from streams.rules.rooms_corrections import known, stands, unfit
from streams.rules.rooms_standing import standing

if TYPE_CHECKING:
    from streams.rules.rooms import House

RULE = "rooms@1"


def decide(house: House, ask: Ask, context: Context) -> Decision:
    """The answer to one command of `RoomsCommand`."""
    body = ask.body
    if isinstance(body, said.RoomStatusChanged):
        return _set_status(house, ask, body, context)
    if ask.role not in STAFF_ROLES:
        return refuse(RULE, "forbidden", "Only staff may do this.")
    match body:
        case said.ReservationMade():
            return _make(house, ask, body)
        case said.CancelReservation():
            return _cancel(house, ask, body)
        case said.RoomAssigned():
            return _assign(house, ask, body, context)
        case said.CheckIn():
            return _check_in(house, ask, body, context)
        case said.CheckOut():
            return _check_out(house, ask, body)
        case said.PostCharge():
            return _charge(house, ask, body, context)
        case said.ReverseCheckIn():
            return rooms_corrections.reverse_check_in(house, ask, body)
        case said.ReverseCheckOut():
            return rooms_corrections.reverse_check_out(house, ask, body)
        case said.VoidCharge():
            return rooms_corrections.void_charge(house, ask, body)
        case said.RunNightAudit():
            return _audit(house, ask, body, context)
    return refuse(RULE, "unknown_command", f"The house knows no command {ask.name}.")


def _set_status(house: House, ask: Ask, body: said.RoomStatusChanged, context: Context) -> Decision:
    if body.room_id not in context.rooms:
        return _unknown_room(body.room_id)
    if body.value not in said.DIMENSION_VALUES[body.dimension]:
        allowed = ", ".join(said.DIMENSION_VALUES[body.dimension])
        return refuse(RULE, "invalid_value", f"{body.dimension} is one of {allowed}, not {body.value}.")
    if body.derived or body.reservation_id or body.guest_id:
        return refuse(RULE, "contradiction", "What follows from a stay is not for anybody to say.")
    room = house.room(body.room_id)
    guests = {one.guest_id for one in standing(house, body.room_id).stays}
    if ask.role not in STAFF_ROLES and (body.dimension != "guest_service" or ask.actor_id not in guests):
        return refuse(RULE, "forbidden", "Guests may only say whether their own room wants service.")
    # The end of a block may be another one, and housekeeping's look at a room is a new one each time.
    if getattr(room, body.dimension) == body.value and body.dimension not in ("block", "seen"):
        return Decision(RULE, f"Room {body.room_id} is {body.value} already.")
    if reason := _contradiction(house, room, body, house.business_date(ask.at, context)):
        return refuse(RULE, "contradiction", reason)
    sentence = f"{body.dimension.replace('_', ' ')} of room {body.room_id} is now {body.value}."
    at = house.after(body.room_id, ask.at, body.dimension)
    return Decision(RULE, sentence, house.foresee((Said("room_status_changed", body, at),), ask.at))


def _contradiction(
    house: House, room: said.RoomState, body: said.RoomStatusChanged, today: datetime.date
) -> str:
    """Why the dimension cannot take the value while the others are as they are; empty: it can."""
    if body.dimension == "front_office":
        return "A room becomes occupied by check-in and vacant by check-out only."
    if body.dimension == "block" and body.value != "none" and room.front_office == "occupied":
        return f"Room {room.room_id} is occupied: it can't be blocked."
    if body.dimension == "block" and body.value != "none" and (arrival := _awaited(house, room, today)):
        return f"Room {room.room_id} is assigned to {arrival}, who arrives today: it can't be blocked."
    if body.persons is not None and (body.dimension != "seen" or body.value != "occupied"):
        return "Persons are counted where housekeeping saw somebody."
    if body.dimension == "housekeeping" and body.value == "inspected" and room.housekeeping != "clean":
        return f"Room {room.room_id} is {room.housekeeping}: only a clean room can be inspected."
    return ""


def _awaited(house: House, room: said.RoomState, today: datetime.date) -> str:
    """The reservation that is to arrive in this room on the business date; empty: none."""
    awaited = sorted(house.book.page(room.room_id).awaited)
    return next((one for one in awaited if house.reservations[one].arrival == today), "")


def _make(house: House, ask: Ask, body: said.ReservationMade) -> Decision:
    if body.reservation_id in house.reservations:
        return refuse(RULE, "exists", f"Reservation {body.reservation_id} exists already.")
    if body.departure < body.arrival:
        return refuse(RULE, "invalid_dates", "The departure lies before the arrival.")
    return Decision(
        RULE, "Reservation made.", house.foresee((Said("reservation_made", body, ask.at),), ask.at)
    )


def _cancel(house: House, ask: Ask, body: said.CancelReservation) -> Decision:
    found = known(house, body.reservation_id)
    if isinstance(found, Decision):
        return found
    if found.status != "made":
        return refuse(RULE, "wrong_state", f"It is {stands(found)}: too late to cancel.")
    fact = said.ReservationCancelled(reservation_id=body.reservation_id, reason=body.reason)
    return Decision(RULE, "Reservation cancelled.", (Said("reservation_cancelled", fact, ask.at),))


def _assign(house: House, ask: Ask, body: said.RoomAssigned, context: Context) -> Decision:
    found = known(house, body.reservation_id)
    if isinstance(found, Decision):
        return found
    if found.status == "in_house":
        return rooms_corrections.move(house, ask, body, context)
    if found.status != "made":
        return refuse(RULE, "wrong_state", f"It is {stands(found)}: no room to assign.")
    if body.room_id not in context.rooms:
        return _unknown_room(body.room_id)
    if house.room(body.room_id).block == "out_of_order":
        return refuse(RULE, "contradiction", f"Room {body.room_id} is out of order.")
    at = max(ask.at, found.said_at.get("room", -1) + 1)
    return Decision(RULE, f"Room {body.room_id} assigned.", (Said("room_assigned", body, at),))


def _check_in(house: House, ask: Ask, body: said.CheckIn, context: Context) -> Decision:
    found = known(house, body.reservation_id)
    if isinstance(found, Decision):
        return found
    if found.status != "made":
        return refuse(RULE, "wrong_state", f"It is {stands(found)}: nobody to check in.")
    if (no := unfit(house, body.room_id, context)) is not None:
        return no
    came = said.CheckedIn(reservation_id=body.reservation_id, room_id=body.room_id, guest_id=found.guest_id)
    at = max(house.after(body.room_id, ask.at, "front_office", "stay"), found.said_at.get("room", -1) + 1)
    at = max(at, fold.reversed_at(found) + 1)
    facts = house.foresee((Said("checked_in", came, at),), ask.at)
    return Decision(RULE, f"Checked in to room {body.room_id}.", facts)


def _check_out(house: House, ask: Ask, body: said.CheckOut) -> Decision:
    found = known(house, body.reservation_id)
    if isinstance(found, Decision):
        return found
    if found.status != "in_house":
        return refuse(RULE, "wrong_state", f"It is {stands(found)}: nobody to check out.")
    left = said.CheckedOut(reservation_id=body.reservation_id, room_id=found.room_id)
    at = max(ask.at, (found.checked_in_at or 0) + 1, fold.reversed_at(found) + 1)
    if found.room_id:
        at = house.after(found.room_id, at, "front_office", "housekeeping", "stay")
    return Decision(RULE, "Checked out.", house.foresee((Said("checked_out", left, at),), ask.at))


def _charge(house: House, ask: Ask, body: said.PostCharge, context: Context) -> Decision:
    found = known(house, body.reservation_id)
    if isinstance(found, Decision):
        return found
    charge = said.ChargePosted(
        charge_id=ask.id,
        reservation_id=body.reservation_id,
        business_date=house.business_date(ask.at, context),
        kind=body.kind,
        amount=body.amount,
        currency=found.currency or (context.property.currency if context.property else ""),
        text=body.text,
    )
    return Decision(RULE, "Charge posted.", (Said("charge_posted", charge, ask.at),))


def _audit(house: House, ask: Ask, body: said.RunNightAudit, context: Context) -> Decision:
    if ask.role not in MANAGER_ROLES:
        return refuse(RULE, "forbidden", "Only a manager may close the business date.")
    current = house.house.business_date
    if current is not None and body.close != current:
        return refuse(RULE, "wrong_state", f"The business date is {current}: {body.close} can't be closed.")
    opened = body.close + datetime.timedelta(days=1)
    done = said.NightAuditDone(closed=body.close, opened=opened)
    return Decision(RULE, f"{body.close} is closed.", (Said("night_audit_done", done, ask.at),))


def _unknown_room(room_id: str) -> Decision:
    return refuse(RULE, "unknown_room", f"This hotel has no room {room_id}.")
