"""Chats: threads and messages go straight to the log; no agent stands in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gateway.answers import id_taken
from gateway.channels import may_thread
from gateway.claims import Claims
from gateway.errors import Refused, forbidden, outcome_unknown, unknown
from gateway.outlet import write
from gateway.readmodel.chats import place_of, said_as
from gateway.readmodel.hotel import Hotel, Thread
from gateway.recall import SKEW_MS, made_at
from gateway.state import State
from schemas import topics as T
from schemas.ids import derived_id
from schemas.record import Id, Line, Record
from schemas.records.chats import (
    ChatEvent,
    MemberJoined,
    MessageDelivered,
    MessageRead,
    MessageSent,
    Sequence,
    ThreadClosed,
    ThreadKind,
    ThreadOpened,
)
from schemas.records.signals import Signal, Typing

MAX_MEMBERS = 50
# The own tail is milliseconds behind the broker's ack; past this nobody knows whose was first.
SEEN_SECONDS = 3.0
Said = Annotated[str, Meta(min_length=1, max_length=4_000)]


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What every chat command carries: the sender's device and its own count; unsaid, the id alone counts."""

    device: Id | None = None
    seq: Sequence = 0


class Open(_Said, frozen=True, kw_only=True):
    """A guest with a department, or staff among themselves. `guest_id`: staff open one with this guest."""

    kind: ThreadKind
    subject: Line = ""
    department: Line = ""
    guest_id: Id | None = None
    members: Annotated[list[Id], Meta(max_length=MAX_MEMBERS)] = []
    sensitive: bool = False


class Join(_Said, frozen=True, kw_only=True):
    """Take part, or bring somebody in (`user_id`)."""

    thread_id: Id
    user_id: Id | None = None


class Send(_Said, frozen=True, kw_only=True):
    """Say something."""

    thread_id: Id
    text: Said


class Read(_Said, frozen=True, kw_only=True):
    """The sender has read up to this message; one before where they have read to changes nothing."""

    thread_id: Id
    message_id: Id


class Close(_Said, frozen=True, kw_only=True):
    """No more messages."""

    thread_id: Id
    reason: Line = ""


class TypingNow(_Said, frozen=True, kw_only=True):
    """The sender types, or no more."""

    thread_id: Id
    on: bool = True


COMMANDS: dict[str, type[_Said]] = {
    "chat.open": Open,
    "chat.join": Join,
    "chat.send": Send,
    "chat.read": Read,
    "chat.close": Close,
    "chat.typing": TypingNow,
}


_PEOPLE = frozenset({"guest", "staff", "manager", "admin"})
_HOUSE = frozenset({"staff", "manager", "admin", "system"})
# Command -> roles; all but `open` in threads that one may see.
MAY: dict[str, frozenset[str]] = {
    "chat.open": _PEOPLE,
    "chat.join": _HOUSE,
    "chat.send": _PEOPLE | _HOUSE,
    "chat.read": _PEOPLE | _HOUSE,
    "chat.close": _HOUSE,
    "chat.typing": _PEOPLE | _HOUSE,
}
_NAMES = {kind: name for name, kind in COMMANDS.items()}


@dataclass(frozen=True, slots=True)
class Acked:
    """A chat event that the log has and the own tail has seen; `cur` is the hotel's cursor after it."""

    event_id: str
    thread_id: str
    cur: str


def event_id_of(property_id: str, user_id: str, device: str, seq: int) -> str:
    """The id of what this device of this person said as its n-th: the same again is the same event."""
    return derived_id("chat", property_id, user_id, device, seq)


def _event(claims: Claims, property_id: str, message_id: str, thread_id: str, said: _Said, now: int,
           **body: Record) -> ChatEvent:  # fmt: skip
    device = said.device or message_id
    event_id = event_id_of(property_id, claims.user_id, device, said.seq)
    return ChatEvent(
        event_id=event_id,
        property_id=property_id,
        thread_id=thread_id or event_id,
        actor_id=claims.user_id,
        actor_role=claims.role,
        device_id=device,
        sequence=said.seq,
        claimed_at=now,
        **body,  # type: ignore[arg-type]  # exactly one of the bodies, by its own name
    )


def opened(claims: Claims, said: Open) -> ThreadOpened:
    """The thread as these claims may open it. Refused 400 (sensitive, no department) or 403."""
    if said.sensitive:
        raise Refused(
            400,
            "sensitive_refused",
            "Sensitive chats cannot be sealed yet, so nothing was stored. Please call the front desk.",
        )
    if claims.role not in MAY["chat.open"]:
        raise forbidden("Only guests and staff chat.")
    if said.kind == "staff":
        if claims.role == "guest":
            raise forbidden("This kind of chat is for staff.")
        members = sorted({claims.user_id, *said.members})
        return ThreadOpened(kind="staff", subject=said.subject, members=members)
    if not said.department:
        raise Refused(400, "invalid", "Say which department.")
    guest_id = claims.user_id if claims.role == "guest" else said.guest_id
    if guest_id is None:
        raise Refused(400, "invalid", "Say which guest.")
    if claims.role != "guest" and not claims.works_in(said.department):
        raise forbidden("This department is not yours.")
    members = sorted({claims.user_id, guest_id})
    return ThreadOpened(
        kind="guest_department",
        subject=said.subject,
        department=said.department,
        guest_id=guest_id,
        members=members,
    )


def check_members(hotel: Hotel, thread: ThreadOpened) -> None:
    """Refused 403 where a guest would read what staff say among themselves."""
    known = (hotel.people.get(member) for member in thread.members)
    if thread.kind == "staff" and any(person is not None and person.role == "guest" for person in known):
        raise forbidden("This kind of chat is for staff.")


def check(claims: Claims, said: _Said, hotel: Hotel, thread: Thread) -> None:
    """Refused where these claims may not do this in a thread they may see: closed, staff only, foreign."""
    if thread.closed and isinstance(said, Send | Join | TypingNow):
        raise Refused(409, "closed", "This chat is closed.")
    if claims.role not in MAY[_NAMES[type(said)]]:
        raise forbidden("This is for staff.")
    if isinstance(said, Join) and said.user_id:
        person = hotel.people.get(said.user_id)
        if person is None:
            raise unknown("user", said.user_id)
        if person.role == "guest" and said.user_id != thread.opened.guest_id:
            raise forbidden("This chat is not with that guest.")
    if isinstance(said, Read) and place_of(hotel, thread, said.message_id) is None:
        raise unknown("message", said.message_id)


def _parse(name: str, d: dict[str, Any]) -> _Said:
    kind = COMMANDS.get(name)
    if kind is None:
        raise Refused(400, "unknown_command", f"{name[:80]!r} is no command.")
    try:
        return msgspec.convert(d, kind)
    except msgspec.ValidationError as error:
        raise Refused(400, "invalid", f"{name}: {error}") from error


def thread_of(live: State, claims: Claims, property_id: str, thread_id: str) -> Thread:
    """The thread, if these claims may see it; Refused 404 otherwise, whether it exists or not."""
    hotel = live.model.hotel(property_id)
    thread = hotel.threads.get(thread_id) if hotel else None
    if thread is None or not may_thread(claims, property_id, thread_id, live.model):
        raise unknown("thread", thread_id)
    return thread


async def publish(
    live: State, claims: Claims, property_id: str, message_id: str, cmd: str, d: dict[str, Any]
) -> Acked:
    """One chat command on the log. Refused says why not; after `unknown` send the same id again."""
    live.limits.take(claims, "command", live.clock())
    said = _parse(cmd, d)
    now = live.clock()
    if isinstance(said, Open):
        known = live.model.of(property_id)
        body = opened(claims, said)
        check_members(known, body)
        if body.department and known.property and body.department not in known.property.departments:
            raise unknown("department", body.department)
        event = _event(claims, property_id, message_id, "", said, now, thread_opened=body)
        return await _append(live, claims, event, message_id)
    assert isinstance(said, Join | Send | Read | Close | TypingNow)
    thread = thread_of(live, claims, property_id, said.thread_id)
    hotel = live.model.of(property_id)
    check(claims, said, hotel, thread)
    if isinstance(said, TypingNow):
        return await _type(live, claims, property_id, said)
    if isinstance(said, Send) and claims.user_id not in thread.members:
        await _append(live, claims, _joins(claims, property_id, thread.thread_id, now))
    body_of: dict[str, Record]
    match said:
        case Send():
            body_of = {"message_sent": MessageSent(text=said.text)}
        case Join():
            body_of = {"member_joined": MemberJoined(user_id=said.user_id or claims.user_id)}
        case Read():
            body_of = {"message_read": MessageRead(message_id=said.message_id)}
        case Close():
            body_of = {"thread_closed": ThreadClosed(reason=said.reason)}
    event = _event(claims, property_id, message_id, thread.thread_id, said, now, **body_of)
    return await _append(live, claims, event, message_id)


async def deliver(live: State, claims: Claims, property_id: str, thread_id: str, message_id: str) -> None:
    """A thread has come to this person up to this message; once, whichever of their devices says it.

    Refused says why it is not on the log.
    """
    said = _Said(device=f"delivered:{message_id}"[:200])
    body = MessageDelivered(message_id=message_id)
    event = _event(claims, property_id, message_id, thread_id, said, live.clock(), message_delivered=body)
    await _append(live, claims, event)


def _joins(claims: Claims, property_id: str, thread_id: str, now: int) -> ChatEvent:
    """A department's staff become members by what they do; once, whichever gateway says it."""
    said = _Said(device=f"join:{thread_id}"[:200])
    body = MemberJoined(user_id=claims.user_id)
    return _event(claims, property_id, thread_id, thread_id, said, now, member_joined=body)


async def _append(live: State, claims: Claims, event: ChatEvent, message_id: str | None = None) -> Acked:
    """Onto the log, unless it is there already. `message_id`: the id that the client gave it, if one did.

    Refused 409 where its id is that of other words.
    """
    hotel = live.model.of(event.property_id)
    known = event.event_id in hotel.chat_seen
    if not known and not await _said_long_ago(live, claims, hotel, event, message_id):
        await write(live, T.CHATS, event.property_id, event)
        heard = await live.answers.wait(event.property_id, event.event_id, SEEN_SECONDS)
        if heard is None and event.event_id not in hotel.chat_seen:
            raise outcome_unknown()
    *_, said = hotel.chat_seen.get(event.event_id, (said_as(event),))
    if said != said_as(event):
        raise id_taken()
    heard = live.answers.known(event.property_id, event.event_id)
    vector = heard.vector if heard else live.hub.vector(event.property_id)
    return Acked(event.event_id, event.thread_id, live.hub.cursors.encode(event.property_id, vector))


async def _said_long_ago(
    live: State, claims: Claims, hotel: Hotel, event: ChatEvent, message_id: str | None
) -> bool:
    """Whether it is among what this hotel's newest ids no longer hold. Costs nothing for a young id."""
    if message_id is None or not hotel.chat_forgotten_at:
        return False
    since = max(0, (made_at(message_id) or 0) - SKEW_MS)
    if since > hotel.chat_forgotten_at:
        return False
    return await live.recall.said(claims, event.property_id, event.event_id, since)


async def _type(live: State, claims: Claims, property_id: str, said: TypingNow) -> Acked:
    signal = Signal(
        property_id=property_id,
        gateway_id=live.gateway_id,
        at=live.clock(),
        typing=Typing(thread_id=said.thread_id, user_id=claims.user_id, on=said.on),
    )
    await write(live, T.SIGNALS, property_id, signal)
    return Acked("", said.thread_id, live.hub.cursor(property_id))
