"""/api/chat: threads, messages, typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Depends, Query, Response

from gateway import chat
from gateway.auth import SignedIn
from gateway.channels import may_thread
from gateway.claims import Claims
from gateway.commands import check_id, hotel_of
from gateway.counted import counted
from gateway.errors import kafka_away, unknown
from gateway.events import message_of
from gateway.readmodel.hotel import Hotel, Thread
from gateway.recall import Placed
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import Done, body_of, give, told
from gateway.state import Live, State
from schemas.record import Id

router = APIRouter(tags=["chat"])
MAX_MESSAGES = 200
Offered = Annotated[int, Query(ge=1, le=MAX_MESSAGES, description="How many at most, the newest.")]


class Say(msgspec.Struct, forbid_unknown_fields=True):
    """A chat command: `id` of the sender's choice, `cmd` is open, join, send, read, close or typing."""

    id: Id
    cmd: str
    d: dict[str, Any]
    property_id: Id | None = None


class Acked(msgspec.Struct):
    """The log has it, and this gateway's own reader has seen it: its id, its thread, the place after it."""

    id: str
    event_id: str
    thread_id: str
    cur: str


class Threads(msgspec.Struct):
    """Threads: thread_id, kind, subject, department, guest_id, members, closed, opened_at, last_message,
    unread, delivered and reads (user -> message_id).
    """

    rooms: list[dict[str, Any]]
    cur: str
    next: str | None = None


class Messages(msgspec.Struct):
    """Messages of one thread, oldest first; `earlier` says that there are older ones than these."""

    messages: list[dict[str, Any]]
    earlier: bool
    cur: str


def messages_of(hotel: Hotel, said: Sequence[Placed]) -> list[dict[str, Any]]:
    """Messages (and their broker times, ms) as clients see them, with the sender's name where it is known."""
    found = []
    for event, at in said:
        person = hotel.people.get(event.actor_id)
        found.append(message_of(event, at) | {"name": person.name if person else None})
    return found


def kept(thread: Thread) -> list[Placed]:
    """Its messages that are in memory, oldest first."""
    return [(event, thread.said_at[event.event_id]) for event in thread.messages]


async def newest(
    live: State, claims: Claims, hotel: Hotel, thread: Thread, before: str, limit: int
) -> tuple[list[Placed], bool]:
    """(the newest messages before this one, whether there are older ones); from the log where need be.

    Refused 404 for a message that is not of this thread, 503 while the log cannot be read.
    """
    said = kept(thread)
    left: Sequence[int] = thread.offsets[: len(thread.offsets) - len(said)]
    ids = [event.event_id for event, _ in said]
    if before:
        wanted = before not in ids
        said = [] if wanted else said[: ids.index(before)]
        while wanted:
            if not left:
                raise unknown("message", before)
            page, left = await _older(live, claims, hotel, left)
            ids = [event.event_id for event, _ in page]
            if before in ids:
                said, wanted = page[: ids.index(before)], False
    while len(said) < limit and left:
        page, left = await _older(live, claims, hotel, left)
        said = page + said
    return said[-limit:], bool(left) or len(said) > limit


async def _older(
    live: State, claims: Claims, hotel: Hotel, left: Sequence[int]
) -> tuple[list[Placed], Sequence[int]]:
    try:
        found = await live.recall.messages(claims, hotel.property_id, left[-MAX_MESSAGES:])
        return found, left[:-MAX_MESSAGES]
    except (KafkaError, TimeoutError) as error:
        raise kafka_away() from error


def thread_of(hotel: Hotel, thread: Thread, user_id: str) -> dict[str, Any]:
    """A thread as this person sees it."""
    ids = [event.event_id for event in thread.messages]
    read = thread.reads.ids.get(user_id)
    after = ids.index(read) + 1 if read in ids else 0
    unread = sum(1 for event in thread.messages[after:] if event.actor_id != user_id)
    said = messages_of(hotel, kept(thread)[-1:])
    return {
        "thread_id": thread.thread_id,
        "kind": thread.opened.kind,
        "subject": thread.opened.subject,
        "department": thread.opened.department,
        "guest_id": thread.opened.guest_id,
        "members": sorted(thread.members),
        "closed": thread.closed,
        "opened_at": thread.opened_at,
        "last_message": said[-1] if said else None,
        "unread": unread,
        "delivered": thread.delivered.ids,
        "reads": thread.reads.ids,
    }


@router.get("/api/chat/rooms", **told(Threads, also=(404, 422)))
async def threads(
    claims: SignedIn, live: Live, hotel: InHotel, after: After = "", limit: Limit = PAGE
) -> Response:
    """The threads one takes part in, or whose department one works in."""
    seen = [
        (thread.thread_id, thread)
        for thread in hotel.threads.values()
        if may_thread(claims, hotel.property_id, thread.thread_id, live.model)
    ]
    found, more = page(seen, after, limit)
    shown = [thread_of(hotel, thread, claims.user_id) for thread in found]
    return give(Threads(shown, live.hub.cursor(hotel.property_id), more))


@router.get("/api/chat/messages", **told(Messages, also=(404, 422, 503)))
async def messages(
    claims: SignedIn,
    live: Live,
    hotel: InHotel,
    thread_id: Annotated[str, Query(min_length=1, max_length=200)],
    before: Annotated[str, Query(max_length=200, description="Only what came before this message.")] = "",
    limit: Offered = 100,
) -> Response:
    """The newest messages of a thread."""
    thread = chat.thread_of(live, claims, hotel.property_id, thread_id)
    said, earlier = await newest(live, claims, hotel, thread, before, limit)
    return give(Messages(messages_of(hotel, said), earlier, live.hub.cursor(hotel.property_id)))


async def _say(live: Live, claims: SignedIn, body: Say) -> Response:
    with counted(name := f"chat.{body.cmd}", "rest"):
        check_id(body.id)
        property_id = hotel_of(live, claims, body.property_id)
        acked = await chat.publish(live, claims, property_id, body.id, name, body.d)
    return give(Acked(body.id, acked.event_id, acked.thread_id, acked.cur))


_TOLD = told(Acked, Say, also=(404, 409, 429, 503), commands=chat.COMMANDS)
Body = Annotated[Say, Depends(body_of(Say))]


@router.post("/api/chat/rooms", **_TOLD)
async def open_thread(claims: SignedIn, live: Live, body: Body) -> Response:
    """`cmd`: open, join, close."""
    return await _say(live, claims, body)


@router.post("/api/chat/messages", **_TOLD)
async def send(claims: SignedIn, live: Live, body: Body) -> Response:
    """`cmd`: send, read."""
    return await _say(live, claims, body)


class TypingIn(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody types in this thread, or no more."""

    thread_id: Id
    on: bool = True
    property_id: Id | None = None


@router.post("/api/chat/typing", **told(Done, TypingIn, also=(404, 429, 503), commands={"chat.typing"}))
async def typing(
    claims: SignedIn, live: Live, body: Annotated[TypingIn, Depends(body_of(TypingIn))]
) -> Response:
    """Over by itself after 12 s; clients say it again every 5 s while it is true."""
    d = {"thread_id": body.thread_id, "on": body.on}
    with counted("chat.typing", "rest"):
        property_id = hotel_of(live, claims, body.property_id)
        await chat.publish(live, claims, property_id, "typing", "chat.typing", d)
    return give(Done())
