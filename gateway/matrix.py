"""Who may do what, as tables: made by asking the code itself for one of each who comes to a sample hotel.

`docs/reference/permissions.md` is `page()`. The roles of a route of REST are those its dependencies let in
(`auth.only`) and, where it takes commands, those who may send one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gateway import channels, chat, permissions
from gateway.auth import LETS_IN, signed_in
from gateway.claims import ROLES, Claims
from gateway.errors import Refused
from gateway.longpoll import router as events
from gateway.readmodel.hotel import Hotel, Thread
from gateway.readmodel.model import ReadModel
from gateway.rest import ROUTERS
from gateway.rest.wire import COMMANDS
from schemas.records.base import Role
from schemas.records.chats import ThreadOpened
from schemas.records.rooms import ReservationState, RoomState

HOTEL = "h"
LISTEN = "GET /api/websocket/events"


def _one(user_id: str, role: Role, *departments: str, room: str | None = None) -> Claims:
    stay = "stay" if room else None
    return Claims(user_id, role, HOTEL, user_id, room, stay, departments, 0, 1 << 50, user_id)


# Column -> somebody of the hotel that `furnish` fills.
PERSONS: dict[str, Claims] = {
    "guest": _one("ann", "guest", room="101"),
    "guest, no stay": _one("bob", "guest"),
    "housekeeping": _one("cem", "staff", "housekeeping"),
    "spa": _one("dora", "staff", "spa"),
    "front desk": _one("eve", "staff", "front_desk"),
    "manager": _one("fay", "manager"),
    "admin": _one("gil", "admin"),
    "system": _one("hal", "system"),
    "data": _one("ivo", "data"),
}
# What a channel is called on the page -> its name in the hotel, with `{own}` for who asks.
CHANNELS: dict[str, str] = {
    "`property:{hotel}`": "property:{hotel}",
    "`staff:{hotel}`": "staff:{hotel}",
    "`department:{hotel}:housekeeping`": "department:{hotel}:housekeeping",
    "`department:{hotel}:front_desk`": "department:{hotel}:front_desk",
    "`ops:{hotel}`": "ops:{hotel}",
    "`room:{hotel}:101`, the guest's": "room:{hotel}:101",
    "`room:{hotel}:102`, another one": "room:{hotel}:102",
    "`thread:{id}` of the guest with housekeeping": "thread:with-guest",
    "`thread:{id}` of spa and manager": "thread:of-staff",
    "`user:{id}`, one's own": "user:{own}",
    "`user:{id}`, another's": "user:zoe",
}


def furnish(hotel: Hotel) -> None:
    """A guest in room 101, who chats with housekeeping; two of the staff who chat."""
    hotel.reservations["stay"] = ReservationState(
        reservation_id="stay", status="in_house", room_id="101", guest_id="ann"
    )
    hotel.rooms["101"] = RoomState(room_id="101", reservation_id="stay", guest_id="ann")
    asked = ThreadOpened(kind="guest_department", department="housekeeping", guest_id="ann")
    hotel.threads["with-guest"] = Thread("with-guest", asked, "ann", 1, {"ann"})
    talk = ThreadOpened(kind="staff", members=["dora", "fay"])
    hotel.threads["of-staff"] = Thread("of-staff", talk, "fay", 1, {"dora", "fay"})


def may_hear(claims: Claims, name: str, model: ReadModel) -> bool:
    """Whether a channel is theirs."""
    try:
        channels.demand(claims, name.format(hotel=HOTEL, own=claims.user_id), model)
    except Refused:
        return False
    return True


def may_send(claims: Claims, name: str, hotel: Hotel) -> bool:
    """Whether they may send a command, about what is theirs."""
    if name in chat.MAY:
        return claims.role in chat.MAY[name]
    try:
        permissions.demand(claims, name)
        permissions.demand_stay(claims, hotel, name)
    except Refused:
        return False
    return True


def routes() -> dict[str, APIRoute]:
    """ "METHOD path" -> the route, of all of REST."""
    found: dict[str, APIRoute] = {}
    for router in (events, *ROUTERS):
        for route in router.routes:
            if isinstance(route, APIRoute):
                found |= {f"{method} {route.path}": route for method in route.methods or ()}
    return dict(sorted(found.items(), key=lambda one: one[0].split()[::-1]))


def lets_in(route: APIRoute) -> frozenset[Role] | None:
    """The roles that a route's dependencies let in; None: everybody, without a token."""
    asked = set(_calls(route.dependant))
    if signed_in not in asked:
        return None
    return ROLES.intersection(*(LETS_IN[call] for call in asked if call in LETS_IN))


def _calls(dependant: Dependant) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def commands_of(route: APIRoute) -> list[str]:
    """The commands that a route takes; none: it takes something else."""
    found: list[str] = (route.openapi_extra or {}).get(COMMANDS, [])
    return found


Table = dict[str, dict[str, bool]]


def channel_table() -> Table:
    """Channel -> column -> whether they may subscribe, be it live, from a cursor or for a snapshot."""
    model = _sample()
    return {
        said: {column: may_hear(claims, name, model) for column, claims in PERSONS.items()}
        for said, name in CHANNELS.items()
    }


def command_table() -> Table:
    """Command -> column -> whether they may send it."""
    hotel = _sample().of(HOTEL)
    return {
        name: {column: may_send(claims, name, hotel) for column, claims in PERSONS.items()}
        for name in (*permissions.MAY, *chat.MAY)
    }


def rest_table() -> Table:
    """ "METHOD path" -> column -> whether they are let in."""
    heard, sent = channel_table(), command_table()
    found: Table = {}
    for name, route in routes().items():
        roles, commands = lets_in(route), commands_of(route)
        rows = [sent[one] for one in commands] or (list(heard.values()) if name == LISTEN else [])
        found[name] = {
            column: (roles is None or claims.role in roles) and (not rows or any(r[column] for r in rows))
            for column, claims in PERSONS.items()
        }
    return found


def _sample() -> ReadModel:
    model = ReadModel()
    furnish(model.of(HOTEL))
    return model


def page() -> str:
    """docs/reference/permissions.md."""
    calls = {
        f"`{name}`{', without a token' if lets_in(routes()[name]) is None else ''}": row
        for name, row in rest_table().items()
    }
    lines = [
        "# Permissions",
        "",
        "Made from the code by `python -m infra.docs`; a test walks them on a running gateway. A column is",
        "somebody of one hotel: a guest who stays in room 101, one whose token names no room, staff of three",
        "departments, those above them, a system, the data team. Nobody of another hotel may do any of this,",
        "whatever their role; a token for the whole group (`*`) is for admins and systems only.",
        "",
        "## Channels",
        "",
        "The same at subscribe, at replay from a cursor, for the snapshot and at every push: over sockets,",
        "SSE and long-poll. What a guest hears of a channel's events stands in [the protocol](protocol.md).",
        "",
        *_table("channel", channel_table()),
        "",
        "## Commands",
        "",
        "By a socket's `pub`, by `POST /api/websocket/events` and at the paths below. A guest speaks of the",
        "own room and requests, staff start and end the own shift; a thread one must be able to see.",
        "",
        *_table("command", {f"`{name}`": row for name, row in command_table().items()}),
        "",
        "## REST",
        "",
        "Who is let in; each sees there what is theirs. A path that takes commands is for who may send one.",
        "",
        *_table("call", calls),
    ]
    return "\n".join(lines) + "\n"


def _table(what: str, table: Table) -> list[str]:
    head = [f"| {what} | {' | '.join(PERSONS)} |", f"| --- |{' --- |' * len(PERSONS)}"]
    return head + [
        f"| {name} | {' | '.join('yes' if row[column] else '' for column in PERSONS)} |"
        for name, row in table.items()
    ]
