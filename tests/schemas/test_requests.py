"""A request is the fold of what was said of it, by time. Any order of hearing: `test_services.py`."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.records.services import (
    ServiceAccepted,
    ServiceBreached,
    ServiceRated,
    ServiceReopened,
    ServiceRequested,
    ServicesFact,
)
from schemas.requests import state_of

ASKED = ServiceRequested(
    request_id="r", room_id="101", item="towels", department="housekeeping", priority=3, credits=0.5,
    accept_by=60, resolve_by=600,
)  # fmt: skip
REQUESTED = ServicesFact(fact_id="1", occurred_at=5, requested=ASKED)


def test_nobody_said_yet_what_is_wanted() -> None:
    accepted = ServiceAccepted(request_id="r", staff_id="ann")
    step = ServicesFact(fact_id="2", occurred_at=1, accepted=accepted)
    assert state_of([step]) is None
    request = state_of([step, REQUESTED])
    assert request is not None
    assert (request.status, request.accepted_at, request.created_at) == ("accepted", 1, 5)


def test_a_promise_breaks_once_and_what_is_opened_again_is_rated_anew() -> None:
    breached = ServiceBreached(request_id="r", promise="accept", due_at=60)
    request = state_of(
        [
            REQUESTED,
            *(ServicesFact(fact_id=str(at), occurred_at=at, breached=breached) for at in (60, 61)),
            ServicesFact(fact_id="3", occurred_at=70, rated=ServiceRated(request_id="r", score=1)),
            ServicesFact(fact_id="4", occurred_at=80, reopened=ServiceReopened(request_id="r")),
        ]
    )
    assert request is not None
    assert (request.breached, request.score, request.reopened) == (["accept"], None, 1)


STEPS = (
    {"requested": ASKED},
    {"accepted": ServiceAccepted(request_id="r", staff_id="ann")},
    {"breached": ServiceBreached(request_id="r", promise="resolve", due_at=60)},
    {"reopened": ServiceReopened(request_id="r")},
    {"rated": ServiceRated(request_id="r", score=4)},
)


@given(st.lists(st.sampled_from(STEPS), max_size=8), st.integers(0, 8))
def test_what_comes_last_may_be_folded_alone(steps: list[Any], cut: int) -> None:
    facts = [ServicesFact(fact_id=str(at), occurred_at=at, **step) for at, step in enumerate(steps)]
    before = state_of(facts[:cut])
    assert state_of(facts) == (state_of(facts[cut:], before) if before else state_of(facts))
