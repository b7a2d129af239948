"""Service requests of one hotel: their state, their deadlines, and who gets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from schemas import words
from schemas.facts import said as body_of
from schemas.records import services as said
from schemas.records.base import Candidate
from schemas.records.services import RequestState, RequestWords, ServicesFact
from schemas.requests import state_of
from streams.rules import routing, services_commands
from streams.rules.deciding import FIRE_AT_MOST, Ask, Context, Decision, Said

RULE = "services@1"
WAITING = ("open", "assigned")
# Who was considered goes into the answer, some 100 bytes each: what is given away beyond them waits a second.
MOST_CONSIDERED = 5_000
AGAIN_MS = 1_000
# A waiting request is routed anew this often: somebody may have come on shift or finished.
ROUTE_EVERY_MS = 15_000

_Considered = tuple[str, str | None, tuple[Candidate, ...], str]
"""A request's id, who gets it, who was considered, and why."""


class Services:
    """All requests of one hotel that are not yet forgotten."""

    def __init__(self) -> None:
        self.requests: dict[str, RequestState] = {}
        self.words: dict[str, RequestWords] = {}
        # Live ones only: what routing, deadlines and load have to look at.
        self.live: dict[str, RequestState] = {}
        # The next promise of each that owes one, and what waits: `due` is asked with every input.
        self._owed: dict[str, int] = {}
        self._waiting: set[str] = set()
        self.routed_at = 0
        self.aside: frozenset[str] = frozenset()

    def decide(self, ask: Ask, context: Context) -> Decision:
        """Answer a command of `ServicesCommand`."""
        return services_commands.decide(self, ask, context)

    def read(self, answer: Any, context: Context) -> Decision | None:
        """This agent reads no other agent's answers."""
        return None

    def news(self, fact: ServicesFact) -> bool:
        """Another system's fact, unless the very same was said; a step may come before its request."""
        found = body_of(fact)
        if found is None:
            return False
        known = self.words.get(getattr(found[1], "request_id", ""))
        return known is None or not words.holds(known.facts, fact)

    def follow(self, fact: ServicesFact) -> Sequence[Said]:
        """Nothing follows from another system's word at once; promises and routing are time's business."""
        return ()

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact: by its own time, so that what another system says may come in any order."""
        fact = ServicesFact(fact_id=body.request_id, occurred_at=at, **{name: body})
        known = self.words.get(body.request_id)
        facts = words.added(known.facts if known else [], fact)
        self.words[body.request_id] = RequestWords(request_id=body.request_id, facts=facts)
        before = self.requests.get(body.request_id) if facts[-1] is fact else None
        if (request := state_of([fact], before) if before else state_of(facts)) is not None:
            self._put(request)

    def after(self, request_id: str, at: int) -> int:
        """`at` (ms), or right after the latest word on the request: what is decided counts."""
        known = self.words.get(request_id)
        return max(at, known.facts[-1].occurred_at + 1) if known else at

    def _put(self, request: RequestState) -> None:
        own = request.request_id
        self.requests[own] = request
        self._owed.pop(own, None)
        self._waiting.discard(own)
        if request.status in ("completed", "cancelled"):
            self.live.pop(own, None)
            return
        self.live[own] = request
        if promises := _promises(request):
            self._owed[own] = min(promises)[0]
        if request.status in WAITING:
            self._waiting.add(own)

    def entities(self) -> dict[str, dict[str, Any]]:
        """Requests and what was said of each; what is live follows from them."""
        return {"request": self.requests, "request_words": self.words}

    def restore(self, entities: dict[str, dict[str, Any]]) -> None:
        """Take a state over."""
        self.words = entities.get("request_words", {})
        for request in entities.get("request", {}).values():
            self._put(request)

    def _timed(self) -> Iterator[RequestState]:
        """What is live and not set aside."""
        return (request for request in self.live.values() if request.request_id not in self.aside)

    def due(self) -> int | None:
        """The next breach, or the next look at what waits for somebody."""
        owed, waiting = self._owed, self._waiting
        if self.aside:
            owed = {own: moment for own, moment in owed.items() if own not in self.aside}
            waiting = waiting - self.aside
        earliest = min(owed.values(), default=None)
        if not waiting:
            return earliest
        # An assigned one may have to be given to somebody else.
        look = self.routed_at + ROUTE_EVERY_MS
        return look if earliest is None else min(look, earliest)

    def fire(self, until: int, context: Context) -> Decision | None:
        """Breaches up to `until`; who went home has nothing assigned any more; who waits finds somebody."""
        facts = [
            Said("breached", said.ServiceBreached(request_id=r.request_id, promise=promise, due_at=due), due)
            for r in self._timed()
            for due, promise in _promises(r)
            if due <= until
        ]
        facts.sort(key=lambda fact: fact.at)
        facts = facts[:FIRE_AT_MOST]
        breaches = len(facts)
        considered: tuple[Candidate, ...] = ()
        sentences = [f"{breaches} promises passed unkept."] if breaches else []
        if until >= self.routed_at + ROUTE_EVERY_MS:
            self.routed_at = until
            released = self._release(until, context)
            facts += released
            routed, considered, told = self._route_waiting(until, context, released)
            if len(routed) == FIRE_AT_MOST or len(considered) >= MOST_CONSIDERED:
                self.routed_at = until - ROUTE_EVERY_MS + AGAIN_MS
            facts += routed
            sentences += [f"{len(released)} are open again: the shift is over."] if released else []
            sentences += told
        if not facts:
            return None
        rule = routing.RULE if len(facts) > breaches else RULE
        return Decision(rule, " ".join(sentences), tuple(facts), candidates=considered)

    def _release(self, until: int, context: Context) -> list[Said]:
        """What was assigned to somebody whose shift ended before they said yes."""
        found = []
        for request in self._timed():
            shift = context.shifts.get(request.staff_id or "")
            if request.status == "assigned" and shift is not None and routing.over(shift, until):
                body = said.ServiceReleased(
                    request_id=request.request_id, staff_id=shift.staff_id, reason="The shift is over."
                )
                found.append(Said("released", body, self.after(request.request_id, until)))
        return found[:FIRE_AT_MOST]

    def ahead(self, new: RequestState, context: Context, at: int) -> list[RequestState]:
        """What waits in the department, comes before a new request, and may find somebody now."""
        room = routing.room(new.department, routing.loads(self.live.values()), context, at)
        found = [
            r
            for r in self._timed()
            if r.status == "open"
            and r.department == new.department
            and r.credits <= room
            and _urgency(r) < _urgency(new)
        ]
        return sorted(found, key=_urgency)[: FIRE_AT_MOST - 1]

    def _route_waiting(
        self, until: int, context: Context, released: Sequence[Said]
    ) -> tuple[list[Said], tuple[Candidate, ...], list[str]]:
        """Everything that waits. Of several given away in one answer, each candidate names the request."""
        open_again = {fact.body.request_id: fact.at for fact in released}  # type: ignore[attr-defined]
        waiting = [
            replace(r, status="open", staff_id=None) if r.request_id in open_again else r
            for r in self._timed()
            if r.status == "open" or r.request_id in open_again
        ]
        facts, considered = self._given(waiting, open_again, context, until)
        given = [(own, found, why) for own, staff_id, found, why in considered if staff_id is not None]
        if len(given) == 1:
            return facts, given[0][1], [given[0][2]]
        return facts, _named(given), [f"{own}: {why}" for own, _, why in given]

    def route(
        self, waiting: Sequence[RequestState], new: RequestState, context: Context, at: int
    ) -> tuple[list[Said], tuple[Candidate, ...], str]:
        """Who gets a new request, and what comes before it: facts, who was considered, the sentence."""
        facts, considered = self._given(waiting, {}, context, at)
        told = [
            (own, found, why)
            for own, staff_id, found, why in considered
            if staff_id is not None or own == new.request_id
        ]
        if not any(own == new.request_id for own, *_ in considered):
            told.append((new.request_id, (), "Much was given away before it: it waits."))
        if len(told) == 1:
            return facts, told[0][1], told[0][2]
        return facts, _named(told), " ".join(f"{own}: {why}" for own, _, why in told)

    def _given(
        self, waiting: Sequence[RequestState], open_again: Mapping[str, int], context: Context, at: int
    ) -> tuple[list[Said], list[_Considered]]:
        """By priority, then age, each with what the ones before it have taken: the facts, and each choice."""
        load = routing.loads(r for r in self.live.values() if r.request_id not in open_again)
        facts: list[Said] = []
        considered: list[_Considered] = []
        named = 0
        for request in sorted(waiting, key=_urgency):
            if len(facts) >= FIRE_AT_MOST or named >= MOST_CONSIDERED:
                break
            staff_id, found, why = routing.route(request, load, context, at)
            considered.append((request.request_id, staff_id, found, why))
            if staff_id is None:
                continue
            named += len(found)
            load[staff_id] = load.get(staff_id, 0.0) + request.credits
            body = said.ServiceAssigned(request_id=request.request_id, staff_id=staff_id)
            when = max(self.after(request.request_id, at), open_again.get(request.request_id, -1) + 1)
            facts.append(Said("assigned", body, when))
        return facts, considered


def _urgency(request: RequestState) -> tuple[int, int, str]:
    return request.priority, request.created_at, request.request_id


def _named(given: Sequence[tuple[str, tuple[Candidate, ...], str]]) -> tuple[Candidate, ...]:
    return tuple(
        replace(one, reason=f"{request_id}: {one.reason or 'could take it'}"[:300])
        for request_id, found, _ in given
        for one in found
    )


def _promises(request: RequestState) -> list[tuple[int, said.Promise]]:
    """(due, promise) of what is still owed and not yet breached."""
    found: list[tuple[int, said.Promise]] = []
    if request.status in WAITING and "accept" not in request.breached:
        found.append((request.accept_by, "accept"))
    if "resolve" not in request.breached:
        found.append((request.resolve_by, "resolve"))
    return found
