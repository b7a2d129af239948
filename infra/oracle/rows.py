"""What the tables must hold of one record, from the record and the table's columns alone. Pure.

Written apart from the sink on purpose: by name, column for column, from schemas/ and system.columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.oracle.answers import facts_of
from infra.oracle.reading import Logged
from infra.oracle.shapes import Shape
from schemas import topics as t
from schemas.codec import Undecodable
from schemas.facts import counts, said
from schemas.record import Record
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent
from schemas.records.folds import FoldHeader
from schemas.records.operations import DeadLetter, Delivery, SystemAlert
from schemas.records.settings import SettingsRecord

Shapes = Mapping[str, Shape]
Row = dict[str, Any]

TABLES: dict[str, tuple[str, ...]] = {
    "rooms": (
        "room_status_changes",
        "reservation_facts",
        "stay_facts",
        "charges",
        "charge_voids",
        "night_audits",
    ),
    "services": ("service_facts",),
    "staff": ("shift_facts",),
    "alerts": ("alert_facts",),
    "notifications": ("notification_facts",),
    "occupancy.state": ("occupancy_snapshots",),
    "service_load.state": ("service_load_snapshots",),
    "performance.state": ("performance_snapshots",),
    "revenue.state": ("revenue_snapshots",),
    "chats": ("chat_events",),
    "settings": ("property_settings", "room_settings", "revocations"),
    "deliveries": ("deliveries",),
    "system": ("system_alerts",),
    "dead_letters": ("dead_letters",),
}
ANSWERS = (t.ROOMS, t.SERVICES, t.STAFF, t.ALERTS, t.NOTIFICATIONS)
# Raw bytes of dead letters, which no client reads as text: in hexadecimal.
BYTES = ("key", "value")
_CHAT = (
    "thread_opened",
    "member_joined",
    "message_sent",
    "message_read",
    "message_delivered",
    "thread_closed",
)


def rows(logged: Logged, shapes: Shapes) -> Iterator[tuple[str, list[Any]]]:
    """(table, values in the order of its columns) of one record.

    Nothing where it is unreadable or foreign, or has anything that no column of its kind can hold: then the
    whole record is a dead letter, and no part of it a row.
    """
    place = {"_partition": logged.partition, "_offset": logged.offset, "logged_at": logged.at}
    found = []
    for table, known in _known(logged):
        values = shapes[table].row(place | known)
        if values is None:
            return
        found.append((table, values))
    yield from found


def _known(logged: Logged) -> Iterator[tuple[str, Row]]:
    if logged.value is None:
        yield from _removed(logged)
        return
    try:
        record = logged.record()
    except Undecodable:
        return
    if isinstance(record, AnswerHeader):
        if counts(record, logged.offset):
            yield from _answer(logged.topic, record)
    elif isinstance(record, FoldHeader):
        yield TABLES[logged.topic][0], _fields(record) | {"staff_id": record.id} | _department(record)
    elif isinstance(record, ChatEvent):
        yield "chat_events", _chat(record)
    elif isinstance(record, SettingsRecord):
        if record.property is not None:
            yield "property_settings", _fields(record.property) | {"property_id": record.property_id}
        elif record.room is not None:
            yield "room_settings", _fields(record.room) | {"property_id": record.property_id}
        elif record.revocation is not None:
            yield "revocations", _fields(record.revocation) | {"property_id": record.property_id}
    elif isinstance(record, Delivery | SystemAlert):
        yield TABLES[logged.topic][0], _fields(record)
    elif isinstance(record, DeadLetter):
        place = {"topic_partition": record.partition, "topic_offset": record.offset}
        raw = {name: (getattr(record, name) or b"").hex().upper() for name in BYTES}
        yield "dead_letters", _fields(record) | place | raw


def _answer(topic: str, answer: AnswerHeader) -> Iterator[tuple[str, Row]]:
    head = _fields(answer)
    for number, fact in enumerate(facts_of(answer)):
        found = said(fact)
        assert found is not None, f"{topic}: a fact newer than the oracle"
        name, body = found
        fields = _fields(body)
        row = fields | head | _fields(fact) | {"_fact": number, "kind": name}
        table = TABLES[topic][0]
        if name == "charge_posted":
            table, row["charge_kind"] = "charges", fields["kind"]
        elif name == "emergency_raised":
            row["emergency_kind"] = fields["kind"]
        elif name == "announced":
            row["alert_id"] = fields["announcement_id"]
        elif name == "discrepancy_found":
            row |= {"dimension": "discrepancy", "value": fields["kind"]}
        elif name == "night_audit_done":
            table = "night_audits"
        elif name == "charge_voided":
            table = "charge_voids"
        elif name.startswith("check"):
            table = "stay_facts"
        elif name.startswith("reservation_") or name == "room_assigned":
            table = "reservation_facts"
        yield table, row
    why, cause = answer.why, answer.cause
    yield (
        "decisions",
        head
        | {
            "topic": topic,
            "rule": why.rule,
            "sentence": why.sentence,
            "context": why.context,
            "candidate_ids": [one.id for one in why.candidates],
            "candidate_scores": [one.score for one in why.candidates],
            "candidate_eligible": [one.eligible for one in why.candidates],
            "candidate_reasons": [one.reason for one in why.candidates],
            "cause_topic": cause.topic,
            "cause_partition": cause.partition,
            "cause_offset": cause.offset,
            "facts": len(facts_of(answer)),
        },
    )


def _department(record: FoldHeader) -> Row:
    return {} if hasattr(record, "department") else {"department": record.id}


def _chat(event: ChatEvent) -> Row:
    kind = next(name for name in _CHAT if getattr(event, name) is not None)
    row = _fields(event) | {"kind": kind}
    if opened := event.thread_opened:
        row |= {
            "thread_kind": opened.kind,
            "department": opened.department,
            "guest_id": opened.guest_id,
        }
    if event.message_sent:
        row["text_length"] = len(event.message_sent.text)
    if mark := event.message_read or event.message_delivered:
        row["message_id"] = mark.message_id
    if event.member_joined:
        row["user_id"] = event.member_joined.user_id
    return row


def _removed(logged: Logged) -> Iterator[tuple[str, Row]]:
    """A tombstone of the settings names in its key what is gone."""
    hotel, _, rest = (logged.key or b"").decode(errors="replace").partition("/")
    kind, _, name = rest.partition("/")
    if logged.topic == "settings" and kind in ("property", "room"):
        row = {"property_id": hotel, "removed": True}
        yield f"{kind}_settings", row | ({"room_id": name} if kind == "room" else {})


def _fields(record: Record) -> Row:
    return {name: getattr(record, name) for name in record.__struct_fields__}
