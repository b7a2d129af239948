"""What each member of staff of one hotel did: a fold of `services` and `staff` facts.

Response = accepted - created, resolution = completed - created, as sums with their n.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from schemas import topics
from schemas.record import Record
from schemas.records import services, staff
from schemas.records.base import FactHeader
from schemas.records.folds import PerformanceState


@dataclass(slots=True)
class Request:
    """What the sums need of a request; steps heard before their `requested` wait in `early`."""

    known: bool = False
    department: str = ""
    created_at: int = 0
    resolve_by: int = 0
    credits: float = 0.0
    completed_by: str | None = None
    completed_at: int = -1
    early: list[tuple[int, Record]] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """One member of staff. `shift_at`, `break_at`: time (ms) of the last word on each."""

    shift_department: str = ""
    work_department: str = ""
    on_shift: bool = False
    on_break: bool = False
    shift_at: int = -1
    break_at: int = -1
    assigned: int = 0
    accepted: int = 0
    completed: int = 0
    released: int = 0
    response_ms: int = 0
    resolution_ms: int = 0
    resolved_on_time: int = 0
    credits_done: float = 0.0
    ratings: int = 0
    rating_sum: int = 0


class Fold:
    """One hotel."""

    def __init__(self, property_id: str) -> None:
        self._property_id = property_id
        self._requests: defaultdict[str, Request] = defaultdict(Request)
        self._members: defaultdict[str, Member] = defaultdict(Member)
        self._changed: set[str] = set()

    def apply(self, topic: str, fact: FactHeader, body: Record) -> None:
        """Fold one fact of `services` or `staff`."""
        if topic == topics.STAFF.name:
            self._shift(fact.occurred_at, body)
        elif isinstance(body, services.ServiceRequested):
            self._requested(fact.occurred_at, body)
        else:
            request = self._requests[body.request_id]  # type: ignore[attr-defined]  # all of `services` have it
            if request.known:
                self._step(request, fact.occurred_at, body)
            else:
                request.early.append((fact.occurred_at, body))

    def _requested(self, at: int, body: services.ServiceRequested) -> None:
        request = self._requests[body.request_id]
        if request.known:
            return
        request.known, request.department, request.created_at = True, body.department, at
        request.resolve_by, request.credits = body.resolve_by, body.credits
        for early_at, early in sorted(request.early, key=lambda one: one[0]):
            self._step(request, early_at, early)
        request.early.clear()

    def _step(self, request: Request, at: int, body: Record) -> None:
        match body:
            case services.ServiceAssigned():
                self._member(body.staff_id, request).assigned += 1
            case services.ServiceReleased():
                self._member(body.staff_id, request).released += 1
            case services.ServiceAccepted():
                member = self._member(body.staff_id, request)
                member.accepted += 1
                member.response_ms += at - request.created_at
            case services.ServiceCompleted():
                member = self._member(body.staff_id, request)
                member.completed += 1
                member.resolution_ms += at - request.created_at
                member.resolved_on_time += at <= request.resolve_by
                member.credits_done += request.credits
                if at >= request.completed_at:
                    request.completed_by, request.completed_at = body.staff_id, at
            case services.ServiceRated() if request.completed_by is not None:
                member = self._member(request.completed_by, request)
                member.ratings += 1
                member.rating_sum += body.score
            case _:  # nobody's work
                pass

    def _member(self, staff_id: str, request: Request) -> Member:
        member = self._members[staff_id]
        member.work_department = request.department
        self._changed.add(staff_id)
        return member

    def _shift(self, at: int, body: Record) -> None:
        match body:
            case staff.ShiftStarted() | staff.ShiftEnded():
                member = self._members[body.staff_id]
                if at >= member.shift_at:
                    member.shift_at = at
                    member.on_shift = isinstance(body, staff.ShiftStarted)
                    if isinstance(body, staff.ShiftStarted):
                        member.shift_department = body.department
            case staff.BreakStarted() | staff.BreakEnded():
                member = self._members[body.staff_id]
                if at >= member.break_at:
                    member.break_at = at
                    member.on_break = isinstance(body, staff.BreakStarted)
            case _:  # a plan is no work yet
                return
        self._changed.add(body.staff_id)

    def snapshot(self, vector: dict[str, int], as_of: int) -> list[PerformanceState]:
        """The members of staff that changed since the last snapshot."""
        changed = sorted(self._changed)
        self._changed.clear()
        return [self._state(one, self._members[one], vector, as_of) for one in changed]

    def _state(self, staff_id: str, member: Member, vector: dict[str, int], as_of: int) -> PerformanceState:
        return PerformanceState(
            property_id=self._property_id,
            kind="performance",
            id=staff_id,
            vector=vector,
            as_of=as_of,
            department=member.shift_department or member.work_department,
            on_shift=member.on_shift,
            # a break belongs to its shift: one that began before the shift did, or outlives it, is none
            on_break=member.on_shift and member.on_break and member.break_at >= member.shift_at,
            assigned=member.assigned,
            accepted=member.accepted,
            completed=member.completed,
            released=member.released,
            response_ms=member.response_ms,
            resolution_ms=member.resolution_ms,
            resolved_on_time=member.resolved_on_time,
            credits_done=member.credits_done,
            ratings=member.ratings,
            rating_sum=member.rating_sum,
        )
