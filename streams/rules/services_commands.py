"""Commands to the service agent: each step of a request, and why it may not be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.record import Record
from schemas.records import services as said
from schemas.records.services import RequestState
from streams.rules import routing
from streams.rules.deciding import MANAGER_ROLES, STAFF_ROLES, Ask, Context, Decision, Said, refuse

if TYPE_CHECKING:
    from streams.rules.services import Services

RULE = "services@1"
SECOND_MS = 1000


def decide(services: Services, ask: Ask, context: Context) -> Decision:
    """The answer to one command of `ServicesCommand`."""
    if isinstance(ask.body, said.RequestService):
        return _request(services, ask, ask.body, context)
    request = services.requests.get(getattr(ask.body, "request_id", ""))
    if request is None:
        return refuse(RULE, "not_found", f"There is no request {getattr(ask.body, 'request_id', '')}.")
    match ask.name:
        case "accept":
            return _accept(services, request, ask, context)
        case "start":
            return _start(services, request, ask)
        case "complete":
            return _complete(services, request, ask)
        case "release":
            return _release(services, request, ask)
        case "cancel":
            return _cancel(services, request, ask)
        case "reopen":
            return _reopen(services, request, ask)
    match ask.body:
        case said.RateService():
            return _rate(services, request, ask, ask.body)
        case said.AssignService():
            return _assign(services, request, ask, ask.body, context)
    return refuse(RULE, "unknown_command", f"The service agent knows no command {ask.name}.")


def _request(services: Services, ask: Ask, body: said.RequestService, context: Context) -> Decision:
    if body.room_id not in context.rooms:
        return refuse(RULE, "unknown_room", f"This hotel has no room {body.room_id}.")
    item = context.items.get(body.item)
    if item is None:
        return refuse(RULE, "unknown_item", f"{body.item} is not in this hotel's catalogue.")
    if ask.role == "guest" and (own := context.rooms_of(ask.actor_id)) and body.room_id not in own:
        return refuse(RULE, "not_yours", f"You stay in room {', '.join(sorted(own))}.")
    guest_id = ask.actor_id if ask.role == "guest" else body.guest_id
    fact = said.ServiceRequested(
        request_id=ask.id,
        room_id=body.room_id,
        guest_id=guest_id,
        item=item.item,
        department=item.department,
        priority=(body.priority or item.priority) if ask.role in STAFF_ROLES else item.priority,
        credits=item.credits,
        note=body.note,
        accept_by=ask.at + item.accept_within_s * SECOND_MS,
        resolve_by=ask.at + item.resolve_within_s * SECOND_MS,
    )
    state = RequestState(
        request_id=ask.id,
        room_id=body.room_id,
        item=item.item,
        department=item.department,
        priority=fact.priority,
        credits=item.credits,
        accept_by=fact.accept_by,
        resolve_by=fact.resolve_by,
        created_at=ask.at,
    )
    # Who is more urgent, or as urgent and here for longer, chooses first: somebody may have become free.
    waiting = services.ahead(state, context, ask.at)
    facts, found, sentence = services.route([*waiting, state], state, context, ask.at)
    return Decision(routing.RULE, sentence, (Said("requested", fact, ask.at), *facts), candidates=found)


def _accept(services: Services, request: RequestState, ask: Ask, context: Context) -> Decision:
    if reason := _not_theirs(request, ask, context):
        return reason
    if request.status in ("accepted", "started"):
        return refuse(RULE, "already_accepted", f"{request.staff_id} has accepted it already.")
    if request.status not in ("open", "assigned"):
        return _wrong(request)
    body = said.ServiceAccepted(request_id=request.request_id, staff_id=ask.actor_id)
    return _done(services, "accepted", body, ask, f"{ask.actor_id} takes it.")


def _start(services: Services, request: RequestState, ask: Ask) -> Decision:
    if request.status != "accepted":
        return _wrong(request)
    if request.staff_id != ask.actor_id:
        return refuse(RULE, "not_yours", f"{request.staff_id} has accepted it.")
    body = said.ServiceStarted(request_id=request.request_id, staff_id=ask.actor_id)
    return _done(services, "started", body, ask, "Work has begun.")


def _complete(services: Services, request: RequestState, ask: Ask) -> Decision:
    if request.status != "started":
        return _wrong(request)
    if request.staff_id != ask.actor_id:
        return refuse(RULE, "not_yours", f"Only {request.staff_id}, who started it, can end it.")
    assert isinstance(ask.body, said.RequestCommand)
    body = said.ServiceCompleted(request_id=request.request_id, staff_id=ask.actor_id, note=ask.body.note)
    return _done(services, "completed", body, ask, "Done.")


def _release(services: Services, request: RequestState, ask: Ask) -> Decision:
    if request.status not in ("assigned", "accepted", "started"):
        return _wrong(request)
    if request.staff_id != ask.actor_id and ask.role not in MANAGER_ROLES:
        return refuse(RULE, "not_yours", f"{request.staff_id} has it.")
    assert isinstance(ask.body, said.RequestCommand)
    body = said.ServiceReleased(
        request_id=request.request_id, staff_id=request.staff_id or ask.actor_id, reason=ask.body.note
    )
    return _done(services, "released", body, ask, "It is open again.")


def _cancel(services: Services, request: RequestState, ask: Ask) -> Decision:
    if reason := _not_the_guests(request, ask):
        return reason
    if request.status in ("completed", "cancelled"):
        return _wrong(request)
    assert isinstance(ask.body, said.RequestCommand)
    body = said.ServiceCancelled(request_id=request.request_id, reason=ask.body.note)
    return _done(services, "cancelled", body, ask, "Cancelled.")


def _reopen(services: Services, request: RequestState, ask: Ask) -> Decision:
    if reason := _not_the_guests(request, ask):
        return reason
    if request.status != "completed":
        return _wrong(request)
    assert isinstance(ask.body, said.RequestCommand)
    body = said.ServiceReopened(request_id=request.request_id, reason=ask.body.note)
    return _done(services, "reopened", body, ask, "It is open again.")


def _rate(services: Services, request: RequestState, ask: Ask, body: said.RateService) -> Decision:
    if request.guest_id != ask.actor_id:
        return refuse(RULE, "not_yours", "Only the guest who asked for it can rate it.")
    if request.status != "completed":
        return _wrong(request)
    if request.score is not None:
        return refuse(RULE, "already_rated", f"It was rated {request.score} already.")
    fact = said.ServiceRated(request_id=request.request_id, score=body.score)
    return _done(services, "rated", fact, ask, "Thank you.")


def _assign(
    services: Services, request: RequestState, ask: Ask, body: said.AssignService, context: Context
) -> Decision:
    if ask.role not in MANAGER_ROLES:
        return refuse(RULE, "forbidden", "Only a manager may assign by hand.")
    shift = context.shifts.get(body.staff_id)
    if shift is None or routing.over(shift, ask.at):
        return refuse(RULE, "off_shift", f"{body.staff_id} is not on shift.")
    if request.status not in ("open", "assigned"):
        return _wrong(request)
    fact = said.ServiceAssigned(request_id=request.request_id, staff_id=body.staff_id)
    return _done(services, "assigned", fact, ask, f"{ask.actor_id} gave it to {body.staff_id}.")


def _done(services: Services, name: str, body: Record, ask: Ask, sentence: str) -> Decision:
    request_id: str = body.request_id  # type: ignore[attr-defined]  # every step has it
    return Decision(RULE, sentence, (Said(name, body, services.after(request_id, ask.at)),))


def _wrong(request: RequestState) -> Decision:
    return refuse(RULE, "wrong_state", f"The request is {request.status}.")


def _not_theirs(request: RequestState, ask: Ask, context: Context) -> Decision | None:
    """Guests can't; staff only of the department, by their shift; managers always."""
    if ask.role in MANAGER_ROLES:
        return None
    if ask.role != "staff":
        return refuse(RULE, "forbidden", "Only staff may do this.")
    shift = context.shifts.get(ask.actor_id)
    if shift is not None and shift.department != request.department:
        return refuse(RULE, "other_department", f"It is {request.department}'s.")
    return None


def _not_the_guests(request: RequestState, ask: Ask) -> Decision | None:
    if ask.role in STAFF_ROLES or request.guest_id == ask.actor_id:
        return None
    return refuse(RULE, "not_yours", "It is another guest's request.")
