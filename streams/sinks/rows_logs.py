"""Rows of chats, deliveries, watchdogs' words, dead letters. Pure; a chat's text stays in its record."""

from __future__ import annotations

from schemas.records.chats import BODIES, ChatEvent
from schemas.records.operations import DeadLetter, Delivery, SystemAlert
from streams.sinks.place import Newer, Place, Rows

_HEAD = ("_partition", "_offset", "property_id", "event_id", "logged_at")
CHAT_COLUMNS = (
    *_HEAD, "thread_id", "kind", "actor_id", "actor_role", "device_id", "sequence", "claimed_at",
    "text_length", "message_id", "user_id", "thread_kind", "department", "guest_id",
)  # fmt: skip
DELIVERY_COLUMNS = (
    *_HEAD, "notification_id", "user_id", "subscription_id", "state", "status", "detail", "at",
)  # fmt: skip
SYSTEM_COLUMNS = (*_HEAD, "kind", "part", "sentence", "value", "at", "over")
DEAD_COLUMNS = (
    *_HEAD, "topic", "topic_partition", "topic_offset", "key", "value", "reason", "found_by", "at",
    "outcome",
)  # fmt: skip


def chat_rows(place: Place, event: ChatEvent) -> Rows:
    """One row. Raises Newer."""
    opened, sent = event.thread_opened, event.message_sent
    mark = event.message_read or event.message_delivered
    kind = next((name for name in BODIES if getattr(event, name) is not None), "")
    if not kind:
        raise Newer(f"chat event {place.partition} at {place.offset} is newer than this sink")
    row = (
        place.partition, place.offset, event.property_id, event.event_id, place.logged_at,
        event.thread_id, kind, event.actor_id, event.actor_role, event.device_id, event.sequence,
        event.claimed_at, len(sent.text) if sent else 0,
        mark.message_id if mark else "",
        event.member_joined.user_id if event.member_joined else "",
        opened.kind if opened else "", opened.department if opened else "",
        (opened.guest_id or "") if opened else "",
    )  # fmt: skip
    return [("chat_events", row)]


def delivery_rows(place: Place, step: Delivery) -> Rows:
    """One row a step of a push."""
    row = (
        place.partition, place.offset, step.property_id, step.event_id, place.logged_at,
        step.notification_id, step.user_id, step.subscription_id, step.state, step.status, step.detail,
        step.at,
    )  # fmt: skip
    return [("deliveries", row)]


def system_rows(place: Place, alert: SystemAlert) -> Rows:
    """One row a word of a watchdog."""
    row = (
        place.partition, place.offset, alert.property_id, alert.event_id, place.logged_at, alert.kind,
        alert.part, alert.sentence, alert.value, alert.at, alert.over,
    )  # fmt: skip
    return [("system_alerts", row)]


def dead_rows(place: Place, letter: DeadLetter) -> Rows:
    """One row a dead letter, raw bytes included."""
    row = (
        place.partition, place.offset, letter.property_id, letter.event_id, place.logged_at, letter.topic,
        letter.partition, letter.offset, letter.key or b"", letter.value or b"", letter.reason,
        letter.found_by, letter.at, letter.outcome,
    )  # fmt: skip
    return [("dead_letters", row)]
