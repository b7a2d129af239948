"""/api/staff: who is on duty, and shifts and breaks."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response

from gateway import permissions
from gateway.auth import Staff
from gateway.rest.answers import Ask, Decided, ask
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import body_of, give, told
from gateway.state import Live
from schemas.records.folds import PerformanceState
from schemas.records.staff import ShiftState

router = APIRouter(tags=["staff"])


class Shifts(msgspec.Struct):
    """Each person's newest shift, by person; for managers also how the people do."""

    shifts: list[ShiftState]
    performance: list[PerformanceState]
    cur: str
    next: str | None = None


@router.get("/api/staff", **told(Shifts, also=(404, 422)))
async def shifts(
    claims: Staff,
    live: Live,
    hotel: InHotel,
    on_duty: bool = False,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """Shifts, for staff."""
    known = [
        (shift.staff_id, shift) for shift in hotel.shifts.values() if not on_duty or shift.ended_at is None
    ]
    found, more = page(known, after, limit)
    people = {shift.staff_id for shift in found}
    above = claims.is_manager or claims.role == "system"
    performance = [hotel.performance[one] for one in sorted(people & hotel.performance.keys()) if above]
    return give(Shifts(found, performance, live.hub.cursor(hotel.property_id), more))


@router.post(
    "/api/staff", **told(Decided, Ask, also=(202, 404, 409, 429, 503), commands=permissions.of("staff"))
)
async def command(claims: Staff, live: Live, body: Annotated[Ask, Depends(body_of(Ask))]) -> Response:
    """`cmd`: start_shift, end_shift, start_break, end_break; one's own, or another's by a manager."""
    return await ask(live, claims, "staff", body)
