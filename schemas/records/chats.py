"""`chats`: threads and messages. Written by gateways, without an agent in between."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from schemas.record import Id, Line, Millis, Record, Text
from schemas.records.base import Role

ThreadKind = Literal["guest_department", "staff"]
Sequence = Annotated[int, Meta(ge=0)]


class ThreadOpened(Record, frozen=True, kw_only=True):
    """A chat begins: a guest with a department, or staff among themselves."""

    kind: ThreadKind
    subject: Line = ""
    department: Line = ""
    guest_id: Id | None = None
    members: list[Id] = []


class MemberJoined(Record, frozen=True, kw_only=True):
    """Somebody takes part from now on."""

    user_id: Id


class MessageSent(Record, frozen=True, kw_only=True):
    """Somebody says something. Its id is the event's id."""

    text: Text


class MessageRead(Record, frozen=True, kw_only=True):
    """The sender has read the thread up to this message."""

    message_id: Id


class MessageDelivered(Record, frozen=True, kw_only=True):
    """The thread has come to one of the sender's devices up to this message."""

    message_id: Id


class ThreadClosed(Record, frozen=True, kw_only=True):
    """No more messages."""

    reason: Line = ""


BODIES = (
    "thread_opened", "member_joined", "message_sent", "message_read", "message_delivered", "thread_closed",
)  # fmt: skip
"""The fields of a chat event of which one says what happened; none: it is newer than its reader."""


class ChatEvent(Record, frozen=True, kw_only=True):
    """One event of one thread. `event_id` derives from (user, device, sequence): a repeat has no effect."""

    event_id: Id
    property_id: Id
    thread_id: Id
    actor_id: Id
    actor_role: Role
    device_id: Id
    sequence: Sequence
    claimed_at: Millis
    thread_opened: ThreadOpened | None = None
    member_joined: MemberJoined | None = None
    message_sent: MessageSent | None = None
    message_read: MessageRead | None = None
    thread_closed: ThreadClosed | None = None
    message_delivered: MessageDelivered | None = None
