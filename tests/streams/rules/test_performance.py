"""What each member of staff did."""

from __future__ import annotations

import itertools

import pytest

from schemas.record import Record
from schemas.records import services, staff
from schemas.records.folds import PerformanceState
from streams.rules.performance import Fold
from tests.streams.rules.test_service_load import requested

WORK: list[tuple[int, Record]] = [
    (50, requested("a")),
    (60, services.ServiceAssigned(request_id="a", staff_id="s")),
    (70, services.ServiceAccepted(request_id="a", staff_id="s")),
    (150, services.ServiceCompleted(request_id="a", staff_id="s")),
    (160, services.ServiceRated(request_id="a", score=4)),
]


def folded(timed: list[tuple[int, Record]], topic: str = "services") -> PerformanceState:
    fold = Fold("h")
    for n, (at, body) in enumerate(timed):
        fold.apply(topic, services.ServicesFact(fact_id=str(n), occurred_at=at), body)
    (found,) = fold.snapshot({"services": 1}, 1)
    return found


def test_one_request() -> None:
    found = folded(WORK)
    assert (found.assigned, found.accepted, found.completed, found.resolved_on_time) == (1, 1, 1, 1)
    assert (found.response_ms, found.resolution_ms, found.credits_done) == (20, 100, 0.5)
    assert (found.ratings, found.rating_sum, found.department) == (1, 4, "housekeeping")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_steps_heard_before_their_request_are_kept(order: tuple[int, ...]) -> None:
    assert folded([*(WORK[n] for n in order), WORK[4]]) == folded(WORK)


def test_shifts_and_breaks() -> None:
    started = staff.ShiftStarted(shift_id="x", staff_id="s", department="security", ends_at=100)
    ended = staff.ShiftEnded(shift_id="x", staff_id="s")
    pause = staff.BreakStarted(shift_id="x", staff_id="s")
    found = folded([(1, started), (2, pause)], "staff")
    assert (found.on_shift, found.on_break, found.department) == (True, True, "security")
    found = folded([(1, started), (2, pause), (3, ended), (4, started)], "staff")
    assert (found.on_shift, found.on_break) == (True, False)
