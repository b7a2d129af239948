"""Who may send which command: a table of roles, and what a guest may say about whom. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway import stays
from gateway.claims import Claims
from gateway.errors import forbidden
from gateway.readmodel.hotel import Hotel
from schemas.record import Record
from schemas.records import alerts, rooms, services, staff

_EVERYONE = frozenset({"guest", "staff", "manager", "admin", "system"})
_HOUSE = _EVERYONE - {"guest"}
_ABOVE = _HOUSE - {"staff"}
_GUEST = frozenset({"guest", "system"})

# Command -> roles. What is not here cannot be sent by anybody: ticks are the agents' own.
MAY: dict[str, frozenset[str]] = {
    "rooms.set_room_status": _EVERYONE,
    "rooms.make_reservation": _HOUSE,
    "rooms.cancel_reservation": _HOUSE,
    "rooms.assign_room": _HOUSE,
    "rooms.check_in": _HOUSE,
    "rooms.check_out": _HOUSE,
    "rooms.post_charge": _HOUSE,
    "rooms.run_night_audit": _ABOVE,
    "rooms.reverse_check_in": _HOUSE,
    "rooms.reverse_check_out": _HOUSE,
    "rooms.void_charge": _ABOVE,
    "services.request": _EVERYONE,
    "services.assign": _ABOVE,
    "services.accept": _HOUSE,
    "services.start": _HOUSE,
    "services.complete": _HOUSE,
    "services.release": _HOUSE,
    "services.cancel": _EVERYONE,
    "services.reopen": _EVERYONE,
    "services.rate": _GUEST,
    "staff.start_shift": _HOUSE,
    "staff.end_shift": _HOUSE,
    "staff.start_break": _HOUSE,
    "staff.end_break": _HOUSE,
    "alerts.raise_emergency": _EVERYONE,
    "alerts.acknowledge": _HOUSE,
    "alerts.resolve": _HOUSE,
    "alerts.announce": _ABOVE,
    "notifications.mark": _EVERYONE,
}
# Reservations and stays are the desk's; every other department only reads them.
_DESK = frozenset(
    {
        "rooms.make_reservation",
        "rooms.cancel_reservation",
        "rooms.assign_room",
        "rooms.check_in",
        "rooms.check_out",
        "rooms.reverse_check_in",
        "rooms.reverse_check_out",
    }
)


# What a guest asks for in the room, so only while they stay there; an emergency is heard from anybody.
IN_ROOM = frozenset({"services.request", *(name for name in MAY if name.startswith("rooms."))})


def of(agent: str) -> frozenset[str]:
    """The commands of an agent."""
    return frozenset(name for name in MAY if name.startswith(f"{agent}."))


def demand_stay(claims: Claims, hotel: Hotel | None, name: str) -> None:
    """Refused 403 where a guest asks for something in a room that is not theirs, or no more."""
    if claims.role == "guest" and name in IN_ROOM and not stays.in_room(claims, hotel, claims.room_id or ""):
        raise forbidden("Your stay in this room is over.")


def demand(claims: Claims, name: str) -> None:
    """Refused 403 where this role may not send this command."""
    if claims.role not in MAY[name]:
        raise forbidden(f"A {claims.role} may not send {name}.")
    if name in _DESK and claims.role == "staff" and not claims.at_desk:
        raise forbidden(f"{name} is for the front desk.")


def own(claims: Claims, body: Record) -> Record:
    """The body as this sender may say it: a guest's room and id are the token's. Refused 403 otherwise."""
    if isinstance(body, staff.StartShift | staff.ShiftCommand):
        if claims.role == "staff" and body.staff_id != claims.user_id:
            raise forbidden("Only a manager may do this for somebody else.")
        return body
    if claims.role != "guest":
        return body
    match body:
        case rooms.RoomStatusChanged():
            if body.dimension != "guest_service":
                raise forbidden("A guest may only change their own room's guest service.")
            _own_room(claims, body.room_id)
        case services.RequestService():
            _own_room(claims, body.room_id)
            return _with(body, guest_id=claims.user_id, priority=None)
        case alerts.RaiseEmergency():
            if body.drill:
                raise forbidden("Drills are for staff.")
            if body.room_id is not None:
                _own_room(claims, body.room_id)
            # Somewhere else than in the room, or without one, it is the place that counts.
            return _with(body, room_id=body.room_id or (None if body.location else claims.room_id))
        case _:
            pass
    return body


def _own_room(claims: Claims, room_id: str | None) -> None:
    if claims.room_id is None or room_id != claims.room_id:
        raise forbidden("This room is not yours.")


def _with(body: Record, **changes: Any) -> Record:
    return msgspec.structs.replace(body, **changes)
