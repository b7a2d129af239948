"""The queue of a department."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from schemas.record import Record
from schemas.records import services as said
from schemas.records.folds import ServiceLoadState
from streams.rules.service_load import Fold


def requested(request_id: str, department: str = "housekeeping") -> said.ServiceRequested:
    return said.ServiceRequested(
        request_id=request_id,
        room_id="101",
        item="towels",
        department=department,
        priority=2,
        credits=0.5,
        accept_by=100,
        resolve_by=200,
    )


def folded(timed: list[tuple[int, Record]]) -> dict[str, ServiceLoadState]:
    fold = Fold("h")
    for n, (at, body) in enumerate(timed):
        fold.apply("services", said.ServicesFact(fact_id=str(n), occurred_at=at), body)
    return {one.id: one for one in fold.snapshot({"services": 1}, 1)}


def test_a_queue() -> None:
    found = folded(
        [
            (1, requested("a")),
            (2, requested("b")),
            (3, said.ServiceAssigned(request_id="b", staff_id="s")),
            (4, said.ServiceBreached(request_id="a", promise="accept", due_at=4)),
            (5, requested("c")),
            (6, said.ServiceCompleted(request_id="c", staff_id="s")),
        ]
    )["housekeeping"]
    assert (found.open, found.assigned, found.completed, found.breached_open) == (1, 1, 1, 1)
    assert (found.oldest_open_at, found.credits_open) == (1, 1.0)


STEPS = {
    "assigned": said.ServiceAssigned,
    "accepted": said.ServiceAccepted,
    "started": said.ServiceStarted,
    "completed": said.ServiceCompleted,
}


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(sorted(STEPS))), max_size=30))
def test_equals_a_plain_count(steps: list[tuple[int, str]]) -> None:
    timed: list[tuple[int, Record]] = [(0, requested(str(n))) for n in range(5)]
    last = dict.fromkeys(map(str, range(5)), "open")
    for at, (n, step) in enumerate(steps, 1):
        timed.append((at, STEPS[step](request_id=str(n), staff_id="s")))
        last[str(n)] = step
    found = folded(timed)["housekeeping"]
    counted = [found.open, found.assigned, found.accepted, found.started, found.completed]
    assert counted == [list(last.values()).count(one) for one in ("open", *STEPS)]


def test_a_request_that_is_changed_keeps_its_step_and_its_age_in_any_order() -> None:
    words: list[tuple[int, Record]] = [
        (1, requested("a", "spa")),
        (2, said.ServiceAssigned(request_id="a", staff_id="s")),
        (2, said.ServiceAccepted(request_id="a", staff_id="s")),
        (3, requested("a")),
    ]
    for order in itertools.permutations(words):
        found = folded(list(order))
        assert (found["housekeeping"].accepted, found["housekeeping"].oldest_open_at) == (1, 1)
        assert "spa" not in found or found["spa"].accepted == 0
