"""`notifications`: what became a notification for whom, and what they did with it."""

from __future__ import annotations

from typing import Literal

from schemas.record import Id, Line, Millis, Record, Text
from schemas.records.base import AnswerHeader, CommandHeader, EntityHeader, FactHeader, Tick

Category = Literal["assignment", "request", "announcement", "emergency"]
Channel = Literal["bell", "push"]
NotificationStatus = Literal["unseen", "seen", "read"]


class Notified(Record, frozen=True, kw_only=True):
    """One person is told one thing, by these channels; forgotten at `expires_at`."""

    notification_id: Id
    user_id: Id
    category: Category
    title: Line
    body: Text
    link: Line = ""
    channels: list[Channel]
    expires_at: Millis


class NotificationSeen(Record, frozen=True, kw_only=True):
    """The person's bell showed it."""

    notification_id: Id
    user_id: Id


class NotificationRead(Record, frozen=True, kw_only=True):
    """The person opened it."""

    notification_id: Id
    user_id: Id


class NotificationExpired(Record, frozen=True, kw_only=True):
    """Cleaned up by its category's retention."""

    notification_id: Id
    user_id: Id


class NotificationsFact(FactHeader, frozen=True, kw_only=True):
    """One fact; exactly one field below the head is set."""

    notified: Notified | None = None
    seen: NotificationSeen | None = None
    read: NotificationRead | None = None
    expired: NotificationExpired | None = None


class NotificationsAnswer(AnswerHeader, frozen=True, kw_only=True):
    """What the notification agent made of one input: a command, or a fact of services or alerts."""

    facts: list[NotificationsFact] = []


class MarkNotifications(Record, frozen=True, kw_only=True):
    """The sender has seen or read these; `ids` empty: all they have."""

    ids: list[Id] = []
    status: Literal["seen", "read"]


class NotificationsCommand(CommandHeader, frozen=True, kw_only=True):
    """One command to the notification agent; exactly one field below the head is set."""

    mark: MarkNotifications | None = None
    tick: Tick | None = None


class NotificationState(Record, frozen=True, kw_only=True):
    """A notification now."""

    notification_id: Id
    user_id: Id
    category: Category
    title: Line
    body: Text
    link: Line = ""
    channels: list[Channel]
    status: NotificationStatus = "unseen"
    notified_at: Millis
    expires_at: Millis


class NotificationsEntity(EntityHeader, frozen=True, kw_only=True):
    """One entity of the notification agent."""

    notification: NotificationState | None = None
