"""Rows of answers: one a fact, in its family's table, and one a decision. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.facts import said
from schemas.records.base import AnswerHeader, FactHeader
from streams.sinks.place import Newer, Place, Row, Rows

FACT_COLUMNS = (
    "_partition", "_offset", "_fact", "property_id", "fact_id", "event_id", "causation_id", "actor_id",
    "actor_role", "occurred_at", "recorded_at", "logged_at", "source_system", "source_event_id", "kind",
)  # fmt: skip

# Columns after FACT_COLUMNS; each is the attribute of that name of the fact's body, or its default here.
BODY: dict[str, dict[str, Any]] = {
    "room_status_changes": {"room_id": "", "dimension": "", "value": "", "reason": "", "until": None},
    "reservation_facts": {
        "reservation_id": "", "arrival": None, "departure": None, "booked_on": None, "room_type": "",
        "room_id": "", "guest_id": "", "rate": 0, "currency": "", "adults": 0, "children": 0, "babies": 0,
        "segment": "", "channel": "", "country": "", "complimentary": False,
    },
    "stay_facts": {"reservation_id": "", "room_id": "", "guest_id": ""},
    "charges": {
        "charge_id": "", "reservation_id": "", "business_date": None, "charge_kind": "", "amount": 0,
        "currency": "", "text": "",
    },
    "charge_voids": {"charge_id": "", "reservation_id": "", "reason": ""},
    "night_audits": {"closed": None, "opened": None},
    "service_facts": {
        "request_id": "", "room_id": "", "guest_id": "", "item": "", "department": "", "priority": 0,
        "credits": 0.0, "accept_by": None, "resolve_by": None, "staff_id": "", "promise": "",
        "due_at": None, "score": 0,
    },
    "shift_facts": {
        "shift_id": "", "staff_id": "", "department": "", "starts_at": None, "ends_at": None, "zones": [],
    },
    "alert_facts": {
        "alert_id": "", "emergency_kind": "", "room_id": "", "location": "", "drill": False,
        "realert_at": None, "times": 0, "staff_id": "", "audience": "", "title": "", "body": "",
        "until": None,
    },
    "notification_facts": {
        "notification_id": "", "user_id": "", "category": "", "channels": [], "expires_at": None,
    },
}  # fmt: skip

# The column is not called as the field where two records call different things the same.
_RENAMED = {
    ("charge_posted", "charge_kind"): "kind",
    ("emergency_raised", "emergency_kind"): "kind",
    ("announced", "alert_id"): "announcement_id",
    ("discrepancy_found", "value"): "kind",
}
_CONSTANT = {("discrepancy_found", "dimension"): "discrepancy"}
_HOUSE = {
    "room_status_changed": "room_status_changes",
    "discrepancy_found": "room_status_changes",
    "reservation_made": "reservation_facts",
    "reservation_cancelled": "reservation_facts",
    "reservation_no_show": "reservation_facts",
    "room_assigned": "reservation_facts",
    "checked_in": "stay_facts",
    "checked_out": "stay_facts",
    "check_in_reversed": "stay_facts",
    "check_out_reversed": "stay_facts",
    "charge_posted": "charges",
    "charge_voided": "charge_voids",
    "night_audit_done": "night_audits",
}
_ONE_TABLE = {
    "services": "service_facts",
    "staff": "shift_facts",
    "alerts": "alert_facts",
    "notifications": "notification_facts",
}

DECISION_COLUMNS = (
    "_partition", "_offset", "property_id", "event_id", "logged_at", "topic", "causation_id", "actor_id",
    "actor_role", "recorded_at", "verdict", "code", "rule", "sentence", "candidate_ids",
    "candidate_scores", "candidate_eligible", "candidate_reasons", "context", "cause_topic",
    "cause_partition", "cause_offset", "facts",
)  # fmt: skip


def table_of(topic: str, kind: str) -> str:
    """The table of a fact by its topic and its field's name. KeyError: no such fact."""
    return _HOUSE[kind] if topic == "rooms" else _ONE_TABLE[topic]


def answer_rows(place: Place, answer: AnswerHeader, facts: list[FactHeader]) -> Rows:
    """One row a fact, then the decision. Raises Newer."""
    rows: Rows = []
    partition, offset, logged_at = place.partition, place.offset, place.logged_at
    for index, fact in enumerate(facts):
        found = said(fact)
        if found is None:
            raise Newer(f"fact {index} of {place.topic}/{partition} at {offset} is newer than this sink")
        kind, body = found
        head = (
            partition, offset, index, answer.property_id, fact.fact_id, answer.event_id,
            answer.causation_id, answer.actor_id, answer.actor_role, fact.occurred_at, answer.recorded_at,
            logged_at, fact.source_system, fact.source_event_id, kind,
        )  # fmt: skip
        rows.append((table_of(place.topic, kind), head + _getter(place.topic, kind, type(body))(body)))
    rows.append(("decisions", _decision(place, answer, len(facts))))
    return rows


def _decision(place: Place, answer: AnswerHeader, facts: int) -> Row:
    why, cause = answer.why, answer.cause
    return (
        place.partition, place.offset, answer.property_id, answer.event_id, place.logged_at, place.topic,
        answer.causation_id, answer.actor_id, answer.actor_role, answer.recorded_at, answer.verdict,
        answer.code, why.rule, why.sentence, [c.id for c in why.candidates],
        [c.score for c in why.candidates], [c.eligible for c in why.candidates],
        [c.reason for c in why.candidates], why.context, cause.topic, cause.partition, cause.offset, facts,
    )  # fmt: skip


_GETTERS: dict[tuple[str, str], Callable[[Any], Row]] = {}


def _getter(topic: str, kind: str, body: type) -> Callable[[Any], Row]:
    """A function from a body to its columns, made once a kind: 0.9 us a fact instead of 4 by getattr."""
    known = _GETTERS.get((topic, kind))
    if known is not None:
        return known
    fields = set(body.__struct_fields__)  # type: ignore[attr-defined]  # a msgspec struct
    parts, names = [], {}
    for column, default in BODY[table_of(topic, kind)].items():
        names[f"d_{column}"] = _CONSTANT.get((kind, column), default)
        field = _RENAMED.get((kind, column), column)
        # An absent id is '' in the tables: strings are not nullable there.
        tail = f" or d_{column}" if default == "" else ""
        parts.append(f"b.{field}{tail}" if field in fields else f"d_{column}")
    getter: Callable[[Any], Row] = eval(f"lambda b: ({', '.join(parts)},)", names)  # noqa: S307  # names from our own records
    _GETTERS[topic, kind] = getter
    return getter
