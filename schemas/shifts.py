"""How facts of a person's shifts fold: for the staff agent, whoever follows it, and the gateways. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas import words
from schemas.facts import said as body_of
from schemas.record import Record
from schemas.records import staff as said
from schemas.records.staff import ShiftState, ShiftWords, StaffFact

# Words so much older than the last one say nothing of the last shift: a shift is a day at most.
KEEP_MS = 8 * 24 * 3_600_000


def take(shifts: dict[str, ShiftState], told: dict[str, ShiftWords], fact: StaffFact) -> None:
    """Fold one fact into shifts and what was said of them, both by staff_id. A plan changes neither."""
    found = body_of(fact)
    if found is None or isinstance(found[1], said.ShiftPlanned):
        return
    staff_id: str = found[1].staff_id  # type: ignore[attr-defined]  # every fact of a shift has it
    told[staff_id] = heard(told.get(staff_id), fact, staff_id)
    if (shift := state_of(told[staff_id].facts)) is not None:
        shifts[staff_id] = shift


def heard(known: ShiftWords | None, fact: StaffFact, staff_id: str) -> ShiftWords:
    """What was said of the person's last shifts, with one more word."""
    facts = words.added(known.facts if known else [], fact)
    newest = facts[-1].occurred_at
    return ShiftWords(staff_id=staff_id, facts=[one for one in facts if one.occurred_at > newest - KEEP_MS])


def state_of(facts: Iterable[StaffFact]) -> ShiftState | None:
    """The last shift after these facts, given in the order of time; null: no shift began yet."""
    shift: ShiftState | None = None
    for fact in facts:
        found = body_of(fact)
        if found is None:
            continue
        body, at = found[1], fact.occurred_at
        if isinstance(body, said.ShiftStarted):
            fields = msgspec.structs.asdict(body)
            if shift is not None and shift.shift_id == body.shift_id:
                shift = replace(shift, **fields)  # its zones or its end changed
            else:
                shift = ShiftState(**fields, started_at=at)
        elif shift is not None and shift.shift_id == getattr(body, "shift_id", "") and shift.ended_at is None:
            shift = replace(shift, **_stepped(shift, body, at))
    return shift


def _stepped(shift: ShiftState, body: Record, at: int) -> dict[str, Any]:
    since = shift.on_break_since
    rested = shift.break_ms + (at - since if since is not None else 0)
    match body:
        case said.ShiftEnded():
            return {"ended_at": at, "on_break_since": None, "break_ms": rested}
        case said.BreakStarted() if since is None:
            return {"on_break_since": at}
        case said.BreakEnded() if since is not None:
            return {"on_break_since": None, "break_ms": rested}
    return {}
