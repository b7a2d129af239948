"""Facts of shifts, applied. Returns the id of the person a fact is about."""

from __future__ import annotations

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import staff
from schemas.records.staff import ShiftState, StaffFact


def apply(hotel: Hotel, fact: StaffFact, offset: int) -> str | None:
    """Applies one fact and says whose shift it changed; a plan changes none."""
    found = said(fact)
    if found is None or isinstance(found[1], staff.ShiftPlanned):
        return None
    body, at = found[1], fact.occurred_at
    staff_id = str(getattr(body, "staff_id"))  # noqa: B009  # every body of this family has it
    if hotel.reflects("shift", staff_id, offset):
        return staff_id
    if isinstance(body, staff.ShiftStarted):
        hotel.shifts[staff_id] = ShiftState(
            staff_id=staff_id, shift_id=body.shift_id, department=body.department, zones=body.zones,
            started_at=at, ends_at=body.ends_at,
        )  # fmt: skip
    elif shift := hotel.shifts.get(staff_id):
        since = shift.on_break_since
        paused = shift.break_ms + (at - since if since is not None else 0)
        if isinstance(body, staff.ShiftEnded):
            shift = replace(shift, ended_at=at, on_break_since=None, break_ms=paused)
        elif isinstance(body, staff.BreakStarted):
            shift = replace(shift, on_break_since=at)
        else:
            shift = replace(shift, on_break_since=None, break_ms=paused)
        hotel.shifts[staff_id] = shift
    hotel.versions["shift", staff_id] = offset
    return staff_id
