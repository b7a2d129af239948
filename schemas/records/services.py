"""`services`: requests, assignments, promises kept and breached."""

from __future__ import annotations

from typing import Literal

from schemas.record import Id, Line, Millis, Record, Text
from schemas.records.base import (
    AnswerHeader,
    CommandHeader,
    EntityHeader,
    FactHeader,
    IntakeHeader,
    Priority,
    Score,
    Tick,
)

RequestStatus = Literal["open", "assigned", "accepted", "started", "completed", "cancelled"]
Promise = Literal["accept", "resolve"]


class ServiceRequested(Record, frozen=True, kw_only=True):
    """A guest (or staff for one) wants something; both promises carry the time they are due."""

    request_id: Id
    room_id: Id
    guest_id: Id | None = None
    item: Line
    department: Line
    priority: Priority
    credits: float
    note: Text = ""
    accept_by: Millis
    resolve_by: Millis


class ServiceAssigned(Record, frozen=True, kw_only=True):
    """The routing rule (or a manager) chose who shall do it."""

    request_id: Id
    staff_id: Id


class ServiceReleased(Record, frozen=True, kw_only=True):
    """Whoever had it has it no more (declined, shift ended); it is open again."""

    request_id: Id
    staff_id: Id
    reason: Text = ""


class ServiceAccepted(Record, frozen=True, kw_only=True):
    """A member of staff said: mine."""

    request_id: Id
    staff_id: Id


class ServiceStarted(Record, frozen=True, kw_only=True):
    """Work began. Only the one who started it can end it."""

    request_id: Id
    staff_id: Id


class ServiceCompleted(Record, frozen=True, kw_only=True):
    """Work is done."""

    request_id: Id
    staff_id: Id
    note: Text = ""


class ServiceCancelled(Record, frozen=True, kw_only=True):
    """Not wanted any more."""

    request_id: Id
    reason: Text = ""


class ServiceReopened(Record, frozen=True, kw_only=True):
    """It was not done well: completed, and open again."""

    request_id: Id
    reason: Text = ""


class ServiceRated(Record, frozen=True, kw_only=True):
    """The guest's rating of a completed request, 1 to 5."""

    request_id: Id
    score: Score


class ServiceBreached(Record, frozen=True, kw_only=True):
    """A promise's time passed unkept."""

    request_id: Id
    promise: Promise
    due_at: Millis


class ServicesFact(FactHeader, frozen=True, kw_only=True):
    """One fact of a request; exactly one field below the head is set."""

    requested: ServiceRequested | None = None
    assigned: ServiceAssigned | None = None
    released: ServiceReleased | None = None
    accepted: ServiceAccepted | None = None
    started: ServiceStarted | None = None
    completed: ServiceCompleted | None = None
    cancelled: ServiceCancelled | None = None
    reopened: ServiceReopened | None = None
    rated: ServiceRated | None = None
    breached: ServiceBreached | None = None


class ServicesAnswer(AnswerHeader, frozen=True, kw_only=True):
    """What the service agent made of one input."""

    facts: list[ServicesFact] = []


class RequestService(Record, frozen=True, kw_only=True):
    """Ask for an item of the catalogue; the request's id is the command's. `priority` null: the item's."""

    room_id: Id
    item: Line
    guest_id: Id | None = None
    priority: Priority | None = None
    note: Text = ""


class RequestCommand(Record, frozen=True, kw_only=True):
    """A step of one request by the sender: accept, start, complete, release, cancel, reopen."""

    request_id: Id
    note: Text = ""


class AssignService(Record, frozen=True, kw_only=True):
    """A manager's own choice."""

    request_id: Id
    staff_id: Id


class RateService(Record, frozen=True, kw_only=True):
    """A guest's rating."""

    request_id: Id
    score: Score


class ServicesCommand(CommandHeader, frozen=True, kw_only=True):
    """One command to the service agent; exactly one field below the head is set."""

    request: RequestService | None = None
    assign: AssignService | None = None
    accept: RequestCommand | None = None
    start: RequestCommand | None = None
    complete: RequestCommand | None = None
    release: RequestCommand | None = None
    cancel: RequestCommand | None = None
    reopen: RequestCommand | None = None
    rate: RateService | None = None
    tick: Tick | None = None


class ServicesIntake(IntakeHeader, frozen=True, kw_only=True):
    """A batch of what another service system says: requests made, changed, and their steps, in any order."""

    facts: list[ServicesFact]


class RequestState(Record, frozen=True, kw_only=True):
    """A request now, with the time of each step it has taken."""

    request_id: Id
    status: RequestStatus = "open"
    room_id: Id
    guest_id: Id | None = None
    item: Line
    department: Line
    priority: Priority
    credits: float
    note: Text = ""
    staff_id: Id | None = None
    accept_by: Millis
    resolve_by: Millis
    created_at: Millis
    assigned_at: Millis | None = None
    accepted_at: Millis | None = None
    started_at: Millis | None = None
    completed_at: Millis | None = None
    cancelled_at: Millis | None = None
    breached: list[Promise] = []
    score: Score | None = None
    reopened: int = 0


class RequestWords(Record, frozen=True, kw_only=True):
    """Everything that was said of a request, by time; its state is the fold of it."""

    request_id: Id
    facts: list[ServicesFact]


class ServicesEntity(EntityHeader, frozen=True, kw_only=True):
    """One entity of the service agent; `kind` names the field that is set."""

    request: RequestState | None = None
    request_words: RequestWords | None = None
