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


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_the_order_in_which_steps_are_heard_has_no_part_in_it(order: tuple[int, ...]) -> None:
    assert folded([WORK[n] for n in order]) == folded(WORK)


def test_done_twice_each_rating_is_theirs_who_had_done_it_by_then_in_any_order() -> None:
    again: list[tuple[int, Record]] = [
        (170, requested("a", "spa")),
        (180, services.ServiceCompleted(request_id="a", staff_id="t")),
        (190, services.ServiceRated(request_id="a", score=1)),
    ]
    for order in itertools.permutations([WORK[3], WORK[4], *again]):
        fold = Fold("h")
        for n, (at, body) in enumerate([WORK[0], *order]):
            fold.apply("services", services.ServicesFact(fact_id=str(n), occurred_at=at), body)
        first, second = fold.snapshot({}, 1)
        assert [(one.id, one.ratings, one.rating_sum) for one in (first, second)] == [
            ("s", 1, 4),
            ("t", 1, 1),
        ]
        assert (second.resolution_ms, second.department, first.department) == (130, "spa", "spa")


def test_the_end_of_a_shift_before_says_nothing_of_this_one() -> None:
    first = staff.ShiftStarted(shift_id="x", staff_id="s", department="spa", ends_at=100)
    second = staff.ShiftStarted(shift_id="y", staff_id="s", department="spa", ends_at=200)
    for order in itertools.permutations(
        [(1, first), (90, second), (100, staff.ShiftEnded(shift_id="x", staff_id="s"))]
    ):
        assert folded(list(order), "staff").on_shift


def test_shifts_and_breaks() -> None:
    started = staff.ShiftStarted(shift_id="x", staff_id="s", department="security", ends_at=100)
    ended = staff.ShiftEnded(shift_id="x", staff_id="s")
    pause = staff.BreakStarted(shift_id="x", staff_id="s")
    found = folded([(1, started), (2, pause)], "staff")
    assert (found.on_shift, found.on_break, found.department) == (True, True, "security")
    again = staff.ShiftStarted(shift_id="y", staff_id="s", department="security", ends_at=100)
    found = folded([(1, started), (2, pause), (3, ended), (4, again)], "staff")
    assert (found.on_shift, found.on_break) == (True, False)
