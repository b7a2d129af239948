"""What the simulated people do: a step is one command, chat message or intake batch, at its second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.simulator.layout import Hotel


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: what their token will say."""

    user_id: str
    role: str
    name: str
    departments: tuple[str, ...] = ()
    room_id: str | None = None
    reservation_id: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """`at`: seconds since the first simulated midnight. `id` is the command's, the same for the same seed.

    `command` is `<agent>.<command>` as the socket's `pub` takes it, or `rooms.facts` for an intake batch.
    """

    at: float
    number: int
    id: str
    actor: Actor
    command: str
    body: dict[str, Any]


def absolute(body: dict[str, Any], now: int) -> dict[str, Any]:
    """The body with the times of a clock that says `now` (ms): `ends_in_s`, `shown_for_s`, facts' own."""
    found = dict(body)
    for relative, name in (("ends_in_s", "ends_at"), ("shown_for_s", "until")):
        if relative in found:
            found[name] = now + int(found.pop(relative) * 1000)
    if "facts" in found:
        found["facts"] = [{"occurred_at": now + n, **fact} for n, fact in enumerate(found["facts"])]
    return found


def fact(source_event_id: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """A property system's fact; its `occurred_at` is the speaker's clock when it is sent."""
    return {"source_event_id": source_event_id, name: body}


def member_actor(hotel: Hotel, staff_id: str) -> Actor:
    """The token of a member of staff. KeyError if the hotel has none of that id."""
    for member in hotel.staff:
        if member.staff_id == staff_id:
            return Actor(staff_id, "staff", member.name, (member.department,))
    raise KeyError(staff_id)


def guest_actor(room_id: str, reservation_id: str, guest_id: str) -> Actor:
    """The token of the guest in a room."""
    return Actor(guest_id, "guest", f"Guest of {room_id}", (), room_id, reservation_id)


PROPERTY_SYSTEM = Actor("property-system", "system", "Property system")
MANAGER = Actor("manager", "manager", "Maria Duarte", ("front_desk",))
