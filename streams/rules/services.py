"""Service requests of one hotel: their state, their deadlines, and who gets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.facts import said as body_of
from schemas.records import services as said
from schemas.records.base import Candidate
from schemas.records.services import RequestState, ServicesFact
from streams.rules import routing, services_commands
from streams.rules.deciding import FIRE_AT_MOST, Ask, Context, Decision, Said

RULE = "services@1"
WAITING = ("open", "assigned")
# A waiting request is routed anew this often: somebody may have come on shift or finished.
ROUTE_EVERY_MS = 15_000


class Services:
    """All requests of one hotel that are not yet forgotten."""

    def __init__(self) -> None:
        self.requests: dict[str, RequestState] = {}
        # Live ones only: what routing, deadlines and load have to look at.
        self.live: dict[str, RequestState] = {}
        self.routed_at = 0

    def decide(self, ask: Ask, context: Context) -> Decision:
        """Answer a command of `ServicesCommand`."""
        return services_commands.decide(self, ask, context)

    def read(self, answer: Any, context: Context) -> Decision | None:
        """This agent reads no other agent's answers."""
        return None

    def news(self, fact: ServicesFact) -> bool:
        """Another system's fact: a request not known yet, or a step of a known one not yet taken."""
        found = body_of(fact)
        if found is None:
            return False
        name, body = found
        request = self.requests.get(getattr(body, "request_id", ""))
        if request is None:
            return name == "requested"
        moment = f"{name}_at"
        return name != "requested" and getattr(request, moment, None) is None

    def follow(self, fact: ServicesFact) -> Sequence[Said]:
        """Nothing follows from another system's word."""
        return ()

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact. Steps of unknown requests have no effect."""
        if isinstance(body, said.ServiceRequested):
            fields = msgspec.structs.asdict(body)
            self._put(RequestState(**fields, created_at=at))
            return
        old = self.requests.get(body.request_id)
        if old is not None:
            self._put(_stepped(old, body, at))

    def _put(self, request: RequestState) -> None:
        self.requests[request.request_id] = request
        if request.status in ("completed", "cancelled"):
            self.live.pop(request.request_id, None)
        else:
            self.live[request.request_id] = request

    def due(self) -> int | None:
        """The next breach, or the next look at what waits for somebody."""
        moments = [moment for request in self.live.values() for moment, _ in _promises(request)]
        if any(request.status == "open" for request in self.live.values()):
            moments.append(self.routed_at + ROUTE_EVERY_MS)
        return min(moments, default=None)

    def fire(self, until: int, context: Context) -> Decision | None:
        """Breaches up to `until`, then waiting requests that find somebody now."""
        facts = [
            Said("breached", said.ServiceBreached(request_id=r.request_id, promise=promise, due_at=due), due)
            for r in self.live.values()
            for due, promise in _promises(r)
            if due <= until
        ]
        facts.sort(key=lambda fact: fact.at)
        routed, considered, sentence = self._route_waiting(until, context)
        facts = facts[:FIRE_AT_MOST] + routed
        if not facts:
            return None
        breaches = sum(fact.name == "breached" for fact in facts)
        text = f"{breaches} promises passed unkept. {sentence}".strip()
        return Decision(routing.RULE if routed else RULE, text, tuple(facts), candidates=considered)

    def _route_waiting(self, until: int, context: Context) -> tuple[list[Said], tuple[Candidate, ...], str]:
        if until < self.routed_at + ROUTE_EVERY_MS:
            return [], (), ""
        self.routed_at = until
        load = routing.loads(self.live.values())
        waiting = [r for r in self.live.values() if r.status == "open"]
        waiting.sort(key=lambda r: (r.priority, r.created_at, r.request_id))
        facts: list[Said] = []
        considered: tuple[Candidate, ...] = ()
        sentence = ""
        for request in waiting[:FIRE_AT_MOST]:
            staff_id, found, why = routing.route(request, load, context, until)
            if staff_id is None:
                continue
            considered, sentence = found, why
            load[staff_id] = load.get(staff_id, 0.0) + request.credits
            body = said.ServiceAssigned(request_id=request.request_id, staff_id=staff_id)
            facts.append(Said("assigned", body, until))
        return facts, considered, sentence


def _promises(request: RequestState) -> list[tuple[int, said.Promise]]:
    """(due, promise) of what is still owed and not yet breached."""
    found: list[tuple[int, said.Promise]] = []
    if request.status in WAITING and "accept" not in request.breached:
        found.append((request.accept_by, "accept"))
    if "resolve" not in request.breached:
        found.append((request.resolve_by, "resolve"))
    return found


def _stepped(old: RequestState, body: Any, at: int) -> RequestState:
    """The request after one more step."""
    values: dict[str, Any]
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
                "reopened": old.reopened + 1,
            }
        case said.ServiceRated():
            values = {"score": body.score}
        case said.ServiceBreached():
            values = {"breached": [*old.breached, body.promise]}
        case _:
            return old
    return msgspec.structs.replace(old, **values)
