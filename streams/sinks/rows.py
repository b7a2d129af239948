"""A record of any topic the sink reads -> its rows. Pure."""

from __future__ import annotations

from schemas import topics as t
from schemas.codec import Undecodable, decode
from schemas.facts import counts
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent
from schemas.records.folds import FoldHeader
from schemas.records.operations import DeadLetter, Delivery, SystemAlert
from schemas.records.settings import SettingsRecord
from streams.sinks.place import Place, Rows
from streams.sinks.rows_facts import BODY, DECISION_COLUMNS, FACT_COLUMNS, answer_rows
from streams.sinks.rows_logs import (
    CHAT_COLUMNS,
    DEAD_COLUMNS,
    DELIVERY_COLUMNS,
    SYSTEM_COLUMNS,
    chat_rows,
    dead_rows,
    delivery_rows,
    system_rows,
)
from streams.sinks.rows_states import (
    FOLD_COLUMNS,
    PROPERTY_COLUMNS,
    REVOCATION_COLUMNS,
    ROOM_COLUMNS,
    fold_rows,
    removed_rows,
    settings_rows,
)

FACT_TOPICS = (t.ROOMS, t.SERVICES, t.STAFF, t.ALERTS, t.NOTIFICATIONS)
STATE_TOPICS = (t.OCCUPANCY_STATE, t.SERVICE_LOAD_STATE, t.PERFORMANCE_STATE, t.REVENUE_STATE)
TOPICS = (*FACT_TOPICS, *STATE_TOPICS, t.CHATS, t.SETTINGS, t.DELIVERIES, t.SYSTEM, t.DEAD_LETTERS)

COLUMNS: dict[str, tuple[str, ...]] = {
    **{table: FACT_COLUMNS + tuple(body) for table, body in BODY.items()},
    "decisions": DECISION_COLUMNS,
    **FOLD_COLUMNS,
    "chat_events": CHAT_COLUMNS,
    "deliveries": DELIVERY_COLUMNS,
    "system_alerts": SYSTEM_COLUMNS,
    "dead_letters": DEAD_COLUMNS,
    "property_settings": PROPERTY_COLUMNS,
    "room_settings": ROOM_COLUMNS,
    "revocations": REVOCATION_COLUMNS,
}


class Foreign(ValueError):
    """An answer that is not where it expected to lie: a zombie's. It does not count."""


def rows_of(place: Place, value: bytes | None) -> Rows:
    """The rows of one record. Raises Undecodable, Foreign; Newer where going on would lose a fact."""
    topic = t.BY_NAME[place.topic]
    if value is None and topic.compacted:
        return removed_rows(place)
    record = decode(value, topic)
    if isinstance(record, AnswerHeader):
        if not counts(record, place.offset):
            raise Foreign(f"foreign: it expected offset {record.expected} and lies at {place.offset}")
        return answer_rows(place, record, record.facts)  # type: ignore[attr-defined]  # every answer has facts
    if isinstance(record, FoldHeader):
        return fold_rows(place, record)
    if isinstance(record, ChatEvent):
        return chat_rows(place, record)
    if isinstance(record, SettingsRecord):
        return settings_rows(place, record)
    if isinstance(record, Delivery):
        return delivery_rows(place, record)
    if isinstance(record, SystemAlert):
        return system_rows(place, record)
    if isinstance(record, DeadLetter):
        return dead_rows(place, record)
    raise Undecodable(f"{type(record).__name__} has no table")
