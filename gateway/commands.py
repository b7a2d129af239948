"""Commands: from what a client says to the record its agent reads, and onto the log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args, get_type_hints

import msgspec

from gateway import chat, permissions, stays
from gateway.answers import id_taken
from gateway.auth import property_of
from gateway.claims import Claims
from gateway.errors import Refused, unknown
from gateway.outlet import write
from gateway.state import State
from schemas import topics as T
from schemas.record import Record
from schemas.records.alerts import AlertsCommand
from schemas.records.base import CommandHeader
from schemas.records.notifications import NotificationsCommand
from schemas.records.rooms import RoomsCommand
from schemas.records.services import ServicesCommand
from schemas.records.staff import StaffCommand
from schemas.topics import Topic

AGENTS: dict[str, tuple[Topic, type[CommandHeader]]] = {
    "rooms": (T.ROOMS_COMMANDS, RoomsCommand),
    "services": (T.SERVICES_COMMANDS, ServicesCommand),
    "staff": (T.STAFF_COMMANDS, StaffCommand),
    "alerts": (T.ALERTS_COMMANDS, AlertsCommand),
    "notifications": (T.NOTIFICATIONS_COMMANDS, NotificationsCommand),
}
# Ids become keys of compacted topics and parts of links: no separators, no surprises.
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Command:
    """A valid command and the topic it goes to."""

    topic: Topic
    record: CommandHeader


def _body_type(record: type[CommandHeader], field: str) -> type[Record]:
    return cast("type[Record]", get_args(get_type_hints(record)[field])[0])


BODIES: dict[str, type[Record]] = {
    name: _body_type(AGENTS[name.partition(".")[0]][1], name.partition(".")[2]) for name in permissions.MAY
}


def check_id(value: str) -> str:
    """The id, if it may be one. Refused 400: 1 to 64 letters, digits and ._:- only."""
    if not _ID.fullmatch(value):
        raise Refused(400, "bad_id", "An id is 1 to 64 letters, digits and ._:- (a UUIDv7 is best).")
    return value


def read(
    claims: Claims, property_id: str, command_id: str, name: str, d: dict[str, Any], now: int
) -> Command:
    """`{"cmd": name, "d": d}` as a command of these claims. `now`: ms. Refused 400 or 403."""
    check_id(command_id)
    if name not in BODIES:
        raise Refused(400, "unknown_command", f"{name[:80]!r} is no command.")
    permissions.demand(claims, name)
    try:
        body = msgspec.convert(d, BODIES[name])
    except msgspec.ValidationError as error:
        raise Refused(400, "invalid", f"{name}: {error}") from error
    agent, _, field = name.partition(".")
    topic, record = AGENTS[agent]
    head: dict[str, Any] = {
        "command_id": command_id,
        "property_id": property_id,
        "actor_id": claims.user_id,
        "actor_role": claims.role,
        "claimed_at": now,
    }
    return Command(topic, record(**head | {field: permissions.own(claims, body)}))


def hotel_of(live: State, claims: Claims, asked: str | None) -> str:
    """The hotel meant: asked for, else the token's. Refused 400 unsaid, 403 foreign, 404 never set up."""
    wanted = property_of(claims, asked)
    hotel = live.model.hotel(wanted)
    if hotel is None or hotel.property is None:
        raise unknown("property", wanted)
    return wanted


async def submit(
    live: State,
    claims: Claims,
    property_id: str,
    command_id: str,
    name: str,
    d: dict[str, Any],
    recall: bool = False,
) -> None:
    """A command on its agent's topic, acks=all. Refused says why not; after `unknown` send the same id.

    An id that was answered already is not sent again: its answer is known. `recall`: the sender waits for
    the answer, so one that this gateway has not heard itself is looked for on the log.
    """
    kind: Literal["emergency", "command"] = "emergency" if name == "alerts.raise_emergency" else "command"
    live.limits.take(claims, kind, live.clock())
    command = read(claims, property_id, command_id, name, d, live.clock())
    permissions.demand_stay(claims, live.model.hotel(property_id), name)
    _demand_own_request(live, claims, property_id, command.record)
    known = live.answers.known(property_id, command_id)
    if known is None and recall and live.tail.stale_since is None:
        facts = T.BY_NAME[name.partition(".")[0]]
        before = await live.recall.answer(claims, property_id, facts, command_id, live.clock())
        if before is not None:
            live.answers.decided(before, live.hub.vector(property_id))
            known = live.answers.known(property_id, command_id)
    if known is not None:
        answer = known.answer
        if answer is None or (answer.actor_id, answer.cause.topic) != (claims.user_id, command.topic.name):
            raise id_taken()
    live.answers.take(property_id, command_id, hash((claims.user_id, name, msgspec.json.encode(d))))
    if known is None:
        await write(live, command.topic, property_id, command.record)


def _demand_own_request(live: State, claims: Claims, property_id: str, record: CommandHeader) -> None:
    """A guest acts on what they may see only: their own, and what was asked for their room in their time."""
    if claims.role != "guest" or not isinstance(record, ServicesCommand):
        return
    for body in (record.cancel, record.reopen, record.rate):
        if body is not None:
            hotel = live.model.hotel(property_id)
            request = hotel.requests.get(body.request_id) if hotel else None
            if hotel is None or request is None:
                raise unknown("request", body.request_id)
            if not stays.knows(claims, hotel, request):
                raise Refused(403, "not_yours", "This request is not yours.")


async def publish(live: State, claims: Claims, message_id: str, cmd: str, d: dict[str, Any]) -> str:
    """What a socket's `pub` and POST /api/websocket/events send: agents' commands and chats alike.

    Returns the hotel's cursor for the ack: the log has it (and for chats, the own tail has seen it first).
    `d.property_id` names the hotel where the token is for more than one. Refused for every no.
    """
    said = dict(d)
    asked = said.pop("property_id", None)
    property_id = hotel_of(live, claims, asked if isinstance(asked, str) else None)
    if cmd.startswith("chat."):
        return (await chat.publish(live, claims, property_id, message_id, cmd, said)).cur
    await submit(live, claims, property_id, message_id, cmd, said)
    return live.hub.cursor(property_id)
