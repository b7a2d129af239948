"""How facts of a service request fold, for whoever folds them: the service agent and the gateways. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.facts import said as body_of
from schemas.record import Record
from schemas.records import services as said
from schemas.records.services import RequestState, ServicesFact


def state_of(facts: Iterable[ServicesFact], request: RequestState | None = None) -> RequestState | None:
    """The request after these facts, given in the order of time; None: nobody said yet what is wanted.

    `request`: what it was after all facts before these.
    """
    early: list[tuple[Record, int]] = []
    for fact in facts:
        found = body_of(fact)
        if found is None:
            continue
        body, at = found[1], fact.occurred_at
        if isinstance(body, said.ServiceRequested):
            request = _requested(request, body, at)
            for step, moment in early:  # a clock that is behind: the step was before its request
                request = _stepped(request, step, moment)
            early.clear()
        elif request is None:
            early.append((body, at))
        else:
            request = _stepped(request, body, at)
    return request


def _requested(known: RequestState | None, body: said.ServiceRequested, at: int) -> RequestState:
    """Made, or changed: who has it and its steps stay."""
    fields = msgspec.structs.asdict(body)
    return replace(known, **fields) if known else RequestState(**fields, created_at=at)


def _stepped(old: RequestState, body: Record, at: int) -> RequestState:
    values: dict[str, Any] = {}
    match body:
        case said.ServiceAssigned():
            values = {"status": "assigned", "staff_id": body.staff_id, "assigned_at": at}
        case said.ServiceReleased():
            values = {"status": "open", "staff_id": None, "accepted_at": None, "started_at": None}
        case said.ServiceAccepted():
            values = {"status": "accepted", "staff_id": body.staff_id, "accepted_at": at}
        case said.ServiceStarted():
            values = {"status": "started", "staff_id": body.staff_id, "started_at": at}
        case said.ServiceCompleted():
            values = {"status": "completed", "completed_at": at}
        case said.ServiceCancelled():
            values = {"status": "cancelled", "cancelled_at": at}
        case said.ServiceReopened():
            values = {
                "status": "open",
                "staff_id": None,
                "completed_at": None,
                "accepted_at": None,
                "started_at": None,
                "score": None,
                "reopened": old.reopened + 1,
            }
        case said.ServiceRated():
            values = {"score": body.score}
        case said.ServiceBreached() if not _kept(old, body.promise) and body.promise not in old.breached:
            values = {"breached": [*old.breached, body.promise]}
    return replace(old, **values)


def _kept(request: RequestState, promise: said.Promise) -> bool:
    """Whether it was kept after all: by a step in time that was told too late."""
    done_at = request.accepted_at if promise == "accept" else request.completed_at
    return done_at is not None
