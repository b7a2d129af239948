"""Requests: one yes for two who accept, only who started ends it, promises fired once, routing explained."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codec import decode
from schemas.facts import said
from schemas.record import Record
from schemas.records.base import Role, Tick
from schemas.records.rooms import RoomState
from schemas.records.services import (
    RateService,
    RequestCommand,
    RequestService,
    ServiceAccepted,
    ServiceAssigned,
    ServiceCompleted,
    ServiceReleased,
    ServiceRequested,
    ServicesCommand,
    ServicesFact,
    ServiceStarted,
)
from schemas.records.settings import CatalogueItem, RoomSettings, RoutingWeights
from schemas.records.staff import ShiftState
from streams.agents.services import AGENT
from streams.rules.answering import Input, Partition
from streams.rules.context import HotelContext
from streams.rules.deciding import Ask, Context, Decision
from streams.rules.services import Services

HOUR_MS = 3_600_000
STEPS = ("accept", "start", "complete", "release", "cancel", "reopen")


def _shift(staff_id: str, department: str = "housekeeping", on_break: int | None = None) -> ShiftState:
    return ShiftState(
        staff_id=staff_id,
        shift_id=staff_id,
        department=department,
        started_at=0,
        ends_at=HOUR_MS,
        on_break_since=on_break,
    )


def _context(*shifts: ShiftState) -> Context:
    room = RoomSettings(room_id="101", room_type="double", floor=1, zone_id="floor-1")
    towels = CatalogueItem(
        item="towels",
        name="Towels",
        department="housekeeping",
        priority=3,
        credits=0.5,
        accept_within_s=60,
        resolve_within_s=600,
    )
    return Context(
        rooms={"101": room}, items={"towels": towels}, shifts={shift.staff_id: shift for shift in shifts}
    )


def _ask(
    services: Services, context: Context, name: str, body: Record, actor: str, role: Role, at: int
) -> Decision:
    """Decide and fold, as the shell does it."""
    decision = services.decide(Ask(f"{name}-{at}", at, actor, role, name, body), context)
    for fact in decision.facts:
        services.apply(fact.name, fact.body, fact.at, actor)
    return decision


def _requested(services: Services, context: Context) -> Decision:
    body = RequestService(room_id="101", item="towels")
    return _ask(services, context, "request", body, "guest-101", "guest", 1)


def test_the_least_loaded_on_shift_gets_it_and_the_others_have_a_reason() -> None:
    context = _context(_shift("ann"), _shift("bob"), _shift("cem", on_break=1), _shift("dan", "maintenance"))
    services = Services()
    first = _requested(services, context)
    second = _ask(
        services, context, "request", RequestService(room_id="101", item="towels"), "guest-101", "guest", 2
    )
    assert [fact.name for fact in first.facts] == ["requested", "assigned"]
    assert [services.requests[f"request-{at}"].staff_id for at in (1, 2)] == ["ann", "bob"]
    assert {one.id: one.reason for one in second.candidates} == {"ann": "", "bob": "", "cem": "on a break"}


def test_who_was_there_first_or_is_more_urgent_goes_before_a_new_request() -> None:
    services, context = Services(), _context()
    context.weights = RoutingWeights(max_credits=1.0)
    for at in (1, 2):
        body = RequestService(room_id="101", item="towels", priority=3 - at)
        _ask(services, context, "request", body, "boss", "manager", at)
    services.routed_at = 3  # the next look at what waits is far away
    context.shifts["ann"] = _shift("ann")
    late = RequestService(room_id="101", item="towels", priority=3)
    third = _ask(services, context, "request", late, "boss", "manager", 3)
    given = {own: one.staff_id for own, one in services.requests.items()}
    assert given == {"request-1": "ann", "request-2": "ann", "request-3": None}, "ann has room for two"
    assert [fact.name for fact in third.facts] == ["requested", "assigned", "assigned"]
    assert [fact.body.request_id for fact in third.facts[1:]] == ["request-2", "request-1"]  # type: ignore[attr-defined]
    assert [(one.id, one.reason) for one in third.candidates] == [
        ("ann", "request-2: could take it"),
        ("ann", "request-1: could take it"),
        ("ann", "request-3: has 1 of 1 credits in hand"),
    ]
    assert "request-3: Nobody of housekeeping is free" in third.sentence
    urgent = RequestService(room_id="101", item="towels", priority=1)
    context.shifts["bob"] = _shift("bob")
    fourth = _ask(services, context, "request", urgent, "boss", "manager", 4)
    assert [fact.name for fact in fourth.facts] == ["requested", "assigned"]
    assert services.requests["request-4"].staff_id == "bob", "a less urgent one that waits stays behind"


def test_a_room_that_does_not_want_to_be_disturbed_waits() -> None:
    context = _context(_shift("ann"))
    context.room_states["101"] = RoomState(room_id="101", guest_service="do_not_disturb")
    decision = _requested(Services(), context)
    assert [fact.name for fact in decision.facts] == ["requested"]
    assert "disturbed" in decision.sentence


def test_of_two_who_accept_one_is_told_who_was_first() -> None:
    services, context = Services(), _context(_shift("ann"), _shift("bob"))
    _requested(services, context)
    body = RequestCommand(request_id="request-1")
    yes, no = (
        _ask(services, context, "accept", body, actor, "staff", at) for at, actor in ((2, "bob"), (3, "ann"))
    )
    assert (yes.verdict, no.verdict, no.code) == ("accepted", "refused", "already_accepted")
    assert "bob" in no.sentence


def test_a_guest_touches_only_the_own_request() -> None:
    services, context = Services(), _context()
    _requested(services, context)
    cancel = RequestCommand(request_id="request-1")
    assert _ask(services, context, "cancel", cancel, "guest-102", "guest", 2).code == "not_yours"
    assert _ask(services, context, "accept", cancel, "guest-101", "guest", 3).verdict == "refused"
    rate = RateService(request_id="request-1", score=5)
    assert _ask(services, context, "rate", rate, "guest-101", "guest", 4).code == "wrong_state"


def test_each_promise_is_breached_once_and_waiting_ones_find_who_comes_on_shift() -> None:
    services, context = Services(), _context()
    _requested(services, context)
    fired = services.fire(61_001, context)
    assert fired is not None
    assert [fact.name for fact in fired.facts] == ["breached"]
    services.apply(fired.facts[0].name, fired.facts[0].body, fired.facts[0].at, "timer")
    context.shifts["ann"] = _shift("ann")
    again = services.fire(90_000, context)
    assert again is not None
    assert [fact.name for fact in again.facts] == ["assigned"]


@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.sampled_from(["ann", "bob", "eve"])), min_size=1, max_size=25
    )
)
def test_whatever_people_try_only_who_started_it_ends_it(tries: list[tuple[str, str]]) -> None:
    services, context = Services(), _context(_shift("ann"), _shift("bob"))
    _requested(services, context)
    body = RequestCommand(request_id="request-1")
    for at, (name, actor) in enumerate(tries, start=2):
        before = services.requests["request-1"]
        role: Role = "manager" if actor == "eve" else "staff"
        decision = _ask(services, context, name, body, actor, role, at)
        after = services.requests["request-1"]
        assert (after == before) == (decision.verdict == "refused")
        assert bool(decision.code) == (decision.verdict == "refused")
        assert (after.request_id in services.live) == (after.status not in ("completed", "cancelled"))
        if name == "complete" and decision.verdict == "accepted":
            assert (before.status, before.staff_id) == ("started", actor)
        assert services.due() == _soonest(services)
        services.aside = frozenset({"request-1"})
        assert services.due() is None
        services.aside = frozenset()


def _soonest(services: Services) -> int | None:
    """The next deadline, by looking at every request."""
    moments = []
    for one in services.requests.values():
        waits = one.status in ("open", "assigned")
        if waits:
            moments.append(services.routed_at + 15_000)
        if waits and "accept" not in one.breached:
            moments.append(one.accept_by)
        if one.status not in ("completed", "cancelled") and "resolve" not in one.breached:
            moments.append(one.resolve_by)
    return min(moments, default=None)


def test_a_guest_asks_only_for_a_room_they_are_known_to_stay_in() -> None:
    body = RequestService(room_id="101", item="towels")

    def code(guest: str, **stays: tuple[str, str]) -> str:
        context = _context()
        context.stays = stays
        return _ask(Services(), context, "request", body, guest, "guest", 1).code

    assert code("gus") == "", "nothing is known: the gateway's word counts"
    assert code("gus", R=("eve", "101")) == "", "two may share a room under one name"
    assert code("gus", R=("gus", "101"), S=("gus", "102")) == ""
    assert code("gus", R=("gus", "102")) == "not_yours"


def test_a_request_is_rated_once_and_anew_after_it_was_done_anew() -> None:
    services, context = Services(), _context(_shift("ann"))
    _requested(services, context)
    mine, rate = RequestCommand(request_id="request-1"), RateService(request_id="request-1", score=2)

    def done(start: int) -> list[str]:
        steps = [
            _ask(services, context, name, mine, "ann", "staff", start + place)
            for place, name in enumerate(("accept", "start", "complete"))
        ]
        ratings = [_ask(services, context, "rate", rate, "guest-101", "guest", start + at) for at in (5, 6)]
        return [one.code for one in (*steps, *ratings)]

    assert done(10) == ["", "", "", "", "already_rated"]
    _ask(services, context, "reopen", mine, "guest-101", "guest", 20)
    assert done(30) == ["", "", "", "", "already_rated"]


def _fire(services: Services, context: Context, until: int) -> Decision | None:
    fired = services.fire(until, context)
    for fact in fired.facts if fired else ():
        services.apply(fact.name, fact.body, fact.at, "timer")
    return fired


def test_what_was_assigned_to_somebody_who_went_home_finds_somebody_else() -> None:
    services, context = Services(), _context(_shift("ann"))
    _requested(services, context)
    context.shifts["ann"] = replace(_shift("ann"), ended_at=5)
    context.shifts["bob"] = _shift("bob")
    fired = _fire(services, context, 20_000)
    assert fired is not None
    assert [fact.name for fact in fired.facts] == ["released", "assigned"]
    request = services.requests["request-1"]
    assert (request.status, request.staff_id) == ("assigned", "bob")
    assert {one.id: one.reason for one in fired.candidates} == {"ann": "off shift", "bob": ""}


def test_where_one_answer_gives_several_away_each_candidate_names_the_request() -> None:
    services, context = Services(), _context()
    for at in (1, 2):
        body = RequestService(room_id="101", item="towels")
        _ask(services, context, "request", body, "guest-101", "guest", at)
    context.shifts["ann"] = _shift("ann")
    fired = _fire(services, context, 20_000)
    assert fired is not None
    assert [one.reason for one in fired.candidates] == [
        "request-1: could take it",
        "request-2: could take it",
    ]
    assert [one.score for one in fired.candidates] == [0, 0.5]
    assert "request-1: ann" in fired.sentence


def _elsewhere(at: int, **body: Any) -> ServicesFact:
    own = f"{at}-{next(iter(body))}"
    return ServicesFact(fact_id=own, source_system="hotsos", source_event_id=own, occurred_at=at, **body)


ASKED = ServiceRequested(
    request_id="x", room_id="101", item="towels", department="housekeeping", priority=3, credits=0.5,
    accept_by=60, resolve_by=600,
)  # fmt: skip
STEPS_ELSEWHERE = [
    _elsewhere(1, requested=ASKED),
    _elsewhere(2, assigned=ServiceAssigned(request_id="x", staff_id="bob")),
    _elsewhere(3, requested=replace(ASKED, priority=1, note="two")),
    _elsewhere(4, accepted=ServiceAccepted(request_id="x", staff_id="bob")),
    _elsewhere(4, started=ServiceStarted(request_id="x", staff_id="bob")),
    _elsewhere(5, completed=ServiceCompleted(request_id="x", staff_id="bob")),
]


@given(st.permutations(STEPS_ELSEWHERE), st.lists(st.sampled_from(STEPS_ELSEWHERE), max_size=3))
def test_what_is_done_elsewhere_comes_to_the_same_in_any_order(
    shuffled: list[ServicesFact], again: list[ServicesFact]
) -> None:
    services = Services()
    for fact in [*shuffled, *again]:
        if services.news(fact):
            found = said(fact)
            assert found is not None
            services.apply(*found, fact.occurred_at, "hotsos")
    request = services.requests["x"]
    assert (request.status, request.staff_id, request.priority, request.note) == (
        "completed",
        "bob",
        1,
        "two",
    )
    assert (request.created_at, request.accepted_at, request.completed_at) == (1, 4, 5)
    assert len(services.words["x"].facts) == len(STEPS_ELSEWHERE)
    assert services.live == {}


def test_an_open_request_of_another_system_is_given_to_somebody_here() -> None:
    services, context = Services(), _context(_shift("ann"))
    services.apply("requested", ASKED, 1, "hotsos")
    fired = _fire(services, context, 20_000)
    assert fired is not None
    assert [fact.name for fact in fired.facts][-1] == "assigned"


def test_a_promise_that_was_kept_is_not_broken_because_the_word_came_late() -> None:
    services, context = Services(), _context()
    services.apply("requested", ASKED, 1, "hotsos")
    assert _fire(services, context, 70) is not None
    assert services.requests["x"].breached == ["accept"]
    services.apply("accepted", ServiceAccepted(request_id="x", staff_id="bob"), 50, "hotsos")
    assert services.requests["x"].breached == []


def test_a_decision_counts_also_where_another_systems_clock_is_ahead() -> None:
    services, context = Services(), _context(_shift("ann"))
    services.apply("requested", ASKED, 1, "hotsos")
    services.apply("released", ServiceReleased(request_id="x", staff_id="bob"), 9_000, "hotsos")
    _ask(services, context, "accept", RequestCommand(request_id="x"), "ann", "staff", 100)
    assert services.requests["x"].status == "accepted"


def test_a_state_that_was_taken_over_goes_on() -> None:
    services, context = Services(), _context(_shift("ann"))
    _requested(services, context)
    again = Services()
    again.restore({kind: dict(found) for kind, found in services.entities().items()})
    for one in (services, again):
        _ask(one, context, "accept", RequestCommand(request_id="request-1"), "ann", "staff", 5)
    assert (again.entities(), again.live) == (services.entities(), services.live)


def _waiting(count: int, department: str, first: int) -> list[ServiceRequested]:
    return [
        ServiceRequested(
            request_id=f"{department}-{number}", room_id="101", item="towels", department=department,
            priority=first, credits=0.01, accept_by=HOUR_MS, resolve_by=HOUR_MS,
        )
        for number in range(count)
    ]  # fmt: skip


def test_what_nobody_can_take_does_not_keep_the_rest_from_being_given_away() -> None:
    services = Services()
    for body in (*_waiting(250, "maintenance", 1), *_waiting(1, "housekeeping", 4)):
        services.apply("requested", body, 1, "pms")
    decision = services.fire(20_000, _context(_shift("ann")))
    assert decision is not None
    assert [fact.body.request_id for fact in decision.facts] == ["housekeeping-0"]  # type: ignore[attr-defined]


def test_however_many_wait_for_however_many_each_answer_can_be_written_and_all_are_given_away() -> None:
    part = Partition(AGENT)
    services: Any = part.hotel("h")
    for body in _waiting(300, "housekeeping", 1):
        services.apply("requested", body, 1, "pms")
    context = HotelContext(shifts={name: _shift(name) for name in (f"{n:0>200}" for n in range(150))})
    context.weights = RoutingWeights(max_credits=1_000)
    given, at = 0, 20_000
    for number in range(20):
        command = ServicesCommand(
            command_id=f"c{number}", property_id="h", actor_id="timer", actor_role="system", claimed_at=1,
            tick=Tick(due_at=at),
        )  # fmt: skip
        answer: Any = part.command(command, Input("services.commands", 0, number, at, {}), context)
        assert part.failed == ""
        assert decode(part.value, AGENT.facts) == answer
        given += len(answer.facts)
        if given == 300:
            break
        due = part.due("h")
        assert due is not None
        assert due <= at + 1_000, "the rest waits no longer than it must"
        at = due
    assert given == 300
