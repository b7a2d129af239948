"""/api/chat: threads, messages, typing."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from gateway import chat
from gateway.auth import SignedIn
from gateway.channels import may_thread
from gateway.commands import check_id, hotel_of
from gateway.events import message_of
from gateway.readmodel.hotel import THREAD_MESSAGES, Hotel, Thread
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import Done, body_of, give, told
from gateway.state import Live
from schemas.record import Id

router = APIRouter(tags=["chat"])
Offered = Annotated[int, Query(ge=1, le=THREAD_MESSAGES, description="How many at most, the newest.")]


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
    unread, read_up_to (user -> message_id).
    """

    rooms: list[dict[str, Any]]
    cur: str
    next: str | None = None


class Messages(msgspec.Struct):
    """Messages of one thread, oldest first; `earlier` says that there are older ones than these."""

    messages: list[dict[str, Any]]
    earlier: bool
    cur: str


def messages_of(hotel: Hotel, thread: Thread) -> list[dict[str, Any]]:
    """The messages as clients see them, with the sender's name where it is known."""
    found = []
    for event in thread.messages:
        person = hotel.people.get(event.actor_id)
        message = message_of(event, thread.said_at[event.event_id])
        found.append(message | {"name": person.name if person else None})
    return found


def thread_of(hotel: Hotel, thread: Thread, user_id: str) -> dict[str, Any]:
    """A thread as this person sees it."""
    ids = [event.event_id for event in thread.messages]
    read = thread.reads.get(user_id)
    after = ids.index(read) + 1 if read in ids else 0
    unread = sum(1 for event in thread.messages[after:] if event.actor_id != user_id)
    said = messages_of(hotel, thread)
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
        "read_up_to": thread.reads,
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


@router.get("/api/chat/messages", **told(Messages, also=(404, 422)))
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
    said = messages_of(hotel, thread)
    ids = [one["message_id"] for one in said]
    if before in ids:
        said = said[: ids.index(before)]
    earlier = len(said) > limit or len(thread.messages) == THREAD_MESSAGES
    return give(Messages(said[-limit:], earlier, live.hub.cursor(hotel.property_id)))


async def _say(live: Live, claims: SignedIn, body: Say) -> Response:
    check_id(body.id)
    property_id = hotel_of(live, claims, body.property_id)
    acked = await chat.publish(live, claims, property_id, body.id, f"chat.{body.cmd}", body.d)
    return give(Acked(body.id, acked.event_id, acked.thread_id, acked.cur))


_TOLD = told(Acked, Say, also=(404, 409, 429, 503))
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


@router.post("/api/chat/typing", **told(Done, TypingIn, also=(404, 429, 503)))
async def typing(
    claims: SignedIn, live: Live, body: Annotated[TypingIn, Depends(body_of(TypingIn))]
) -> Response:
    """Over by itself after 12 s; clients say it again every 5 s while it is true."""
    property_id = hotel_of(live, claims, body.property_id)
    d = {"thread_id": body.thread_id, "on": body.on}
    await chat.publish(live, claims, property_id, "typing", "chat.typing", d)
    return give(Done())
