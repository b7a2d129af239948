"""Facts of service requests, applied. Returns the id of the request a fact is about."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import services
from schemas.records.services import RequestState, ServicesFact


def apply(hotel: Hotel, fact: ServicesFact, offset: int) -> str | None:
    """Applies one fact and says which request it changed."""
    found = said(fact)
    if found is None:
        return None
    request_id = str(getattr(found[1], "request_id"))  # noqa: B009  # every body of this family has it
    key = ("request", request_id)
    if hotel.reflects(*key, offset):
        return request_id
    if isinstance(found[1], services.ServiceRequested):
        body = found[1]
        hotel.requests[request_id] = RequestState(
            request_id=request_id, room_id=body.room_id, guest_id=body.guest_id, item=body.item,
            department=body.department, priority=body.priority, credits=body.credits, note=body.note,
            accept_by=body.accept_by, resolve_by=body.resolve_by, created_at=fact.occurred_at,
        )  # fmt: skip
    elif request := hotel.requests.get(request_id):
        hotel.requests[request_id] = replace(request, **_changes(request, found[1], fact.occurred_at))
    hotel.versions[key] = offset
    return request_id


def _changes(request: RequestState, body: object, at: int) -> dict[str, Any]:
    match body:
        case services.ServiceAssigned():
            return {"status": "assigned", "staff_id": body.staff_id, "assigned_at": at}
        case services.ServiceReleased():
            return {"status": "open", "staff_id": None, "accepted_at": None, "started_at": None}
        case services.ServiceAccepted():
            return {"status": "accepted", "staff_id": body.staff_id, "accepted_at": at}
        case services.ServiceStarted():
            return {"status": "started", "staff_id": body.staff_id, "started_at": at}
        case services.ServiceCompleted():
            return {"status": "completed", "completed_at": at}
        case services.ServiceCancelled():
            return {"status": "cancelled", "cancelled_at": at}
        case services.ServiceReopened():
            return {
                "status": "open", "staff_id": None, "accepted_at": None, "started_at": None,
                "completed_at": None, "reopened": request.reopened + 1,
            }  # fmt: skip
        case services.ServiceRated():
            return {"score": body.score}
        case services.ServiceBreached():
            return {"breached": [*request.breached, body.promise]}
        case _:
            return {}
