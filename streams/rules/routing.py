"""Who gets a request, the most urgent first: who is on shift, not on a break, has room, and is least loaded.

score = credits in hand + a penalty outside the own zones; the lowest wins, the id breaks ties.
Dispatch by workload in credits is what HotSOS and ALICE do; there it stays unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.records.base import Candidate
from schemas.records.services import RequestState
from schemas.records.staff import ShiftState
from streams.rules.deciding import Context

RULE = "route@1"


def loads(requests: Iterable[RequestState]) -> dict[str, float]:
    """Credits in hand by staff_id: what is assigned, accepted or started."""
    found: dict[str, float] = {}
    for request in requests:
        if request.staff_id and request.status in ("assigned", "accepted", "started"):
            found[request.staff_id] = found.get(request.staff_id, 0.0) + request.credits
    return found


def candidates(
    request: RequestState, load: Mapping[str, float], context: Context, at: int
) -> tuple[Candidate, ...]:
    """Everybody of the department who was considered, best first; those who can't have the reason why."""
    room = context.rooms.get(request.room_id)
    zone = room.zone_id if room else ""
    found = [
        _candidate(shift, request, load.get(shift.staff_id, 0.0), zone, context, at)
        for shift in context.shifts.values()
        if shift.department == request.department
    ]
    return tuple(sorted(found, key=lambda one: (not one.eligible, one.score, one.id)))


def _candidate(
    shift: ShiftState, request: RequestState, load: float, zone: str, context: Context, at: int
) -> Candidate:
    weights = context.weights
    outside = bool(shift.zones) and zone not in shift.zones
    score = load + (weights.other_zone_penalty if outside else 0.0)
    reason = ""
    if over(shift, at):
        reason = "off shift"
    elif shift.on_break_since is not None:
        reason = "on a break"
    elif load + request.credits > weights.max_credits:
        reason = f"has {load:g} of {weights.max_credits:g} credits in hand"
    return Candidate(id=shift.staff_id, score=score, eligible=not reason, reason=reason)


def room(department: str, load: Mapping[str, float], context: Context, at: int) -> float:
    """Credits that whoever has the most room left could still take; below 0: nobody is there."""
    return max(
        (
            context.weights.max_credits - load.get(shift.staff_id, 0.0)
            for shift in context.shifts.values()
            if shift.department == department and shift.on_break_since is None and not over(shift, at)
        ),
        default=-1.0,
    )


def over(shift: ShiftState, at: int) -> bool:
    """Whether the shift has ended by `at` (ms)."""
    return shift.ended_at is not None or shift.ends_at <= at


def quiet(request: RequestState, context: Context) -> bool:
    """Housekeeping waits while the guest does not want to be disturbed."""
    room = context.room_states.get(request.room_id)
    return (
        request.department == "housekeeping" and room is not None and room.guest_service == "do_not_disturb"
    )


def route(
    request: RequestState, load: Mapping[str, float], context: Context, at: int
) -> tuple[str | None, tuple[Candidate, ...], str]:
    """(staff_id or None, candidates, the sentence a person would say)."""
    if quiet(request, context):
        return None, (), f"Room {request.room_id} does not want to be disturbed: it waits."
    found = candidates(request, load, context, at)
    if not found or not found[0].eligible:
        return None, found, f"Nobody of {request.department} is free: it waits."
    best = found[0]
    return best.id, found, f"{best.id} has the least in hand ({best.score:g} credits)."
