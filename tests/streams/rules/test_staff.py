"""Shifts: one at a time, breaks inside them, and an end that comes by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import said
from schemas.record import Record
from schemas.records.base import Role
from schemas.records.staff import (
    BreakEnded,
    BreakStarted,
    ShiftCommand,
    ShiftEnded,
    ShiftPlanned,
    ShiftStarted,
    StaffFact,
    StartShift,
)
from streams.rules.deciding import FIRE_AT_MOST, Ask, Context, Decision
from streams.rules.staff import Staff

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ANN = ShiftCommand(staff_id="ann")
START = StartShift(staff_id="ann", department="spa", ends_at=HOUR_MS)


def _ask(
    staff: Staff, name: str, body: Record, at: int, actor: str = "ann", role: Role = "staff"
) -> Decision:
    decision = staff.decide(Ask(f"c{at}", at, actor, role, name, body), Context())
    for fact in decision.facts:
        staff.apply(fact.name, fact.body, fact.at, actor)
    return decision


def test_a_shift_begins_once_and_its_breaks_are_counted() -> None:
    staff = Staff()
    assert _ask(staff, "end_shift", ANN, 1).code == "off_shift"
    assert _ask(staff, "start_shift", START, 2).verdict == "accepted"
    assert _ask(staff, "start_shift", START, 3).code == "already_on_shift"
    assert _ask(staff, "end_break", ANN, 4).code == "not_on_break"
    assert _ask(staff, "start_break", ANN, 10).verdict == "accepted"
    assert _ask(staff, "start_break", ANN, 11).code == "on_break"
    assert _ask(staff, "end_break", ANN, 30).verdict == "accepted"
    assert _ask(staff, "start_break", ANN, 40).verdict == "accepted"
    assert _ask(staff, "end_shift", ANN, 45).verdict == "accepted"
    assert (staff.shifts["ann"].break_ms, staff.shifts["ann"].ended_at) == (25, 45)


def test_only_a_manager_changes_another_ones_shift() -> None:
    staff = Staff()
    assert _ask(staff, "start_shift", START, 1, "bob").code == "not_yours"
    assert _ask(staff, "start_shift", START, 2, "guest-101", "guest").code == "forbidden"
    assert _ask(staff, "start_shift", START, 3, "eve", "manager").verdict == "accepted"


def test_a_shift_ends_by_itself_when_it_was_to_end() -> None:
    staff = Staff()
    _ask(staff, "start_shift", START, 1)
    assert staff.due() == HOUR_MS
    assert staff.fire(HOUR_MS - 1, Context()) is None
    fired = staff.fire(HOUR_MS + 5, Context())
    assert fired is not None
    assert [(fact.name, fact.at) for fact in fired.facts] == [("shift_ended", HOUR_MS)]
    staff.apply(fired.facts[0].name, fired.facts[0].body, HOUR_MS, "timer")
    assert staff.due() is None


def test_one_tick_ends_a_bounded_number_of_shifts_and_the_next_goes_on() -> None:
    staff = Staff()
    for number in range(FIRE_AT_MOST + 5):
        start = StartShift(staff_id=f"s{number:03}", department="spa", ends_at=HOUR_MS + number)
        _ask(staff, "start_shift", start, 1, "eve", "manager")
    ended: list[int] = []
    while fired := staff.fire(2 * HOUR_MS, Context()):
        for fact in fired.facts:
            staff.apply(fact.name, fact.body, fact.at, "timer")
        ended.append(len(fired.facts))
    assert ended == [FIRE_AT_MOST, 5]
    assert staff.due() is None


def _clock(at: int, **body: Any) -> StaffFact:
    return StaffFact(
        fact_id=f"f{at}", source_system="clock", source_event_id=f"f{at}", occurred_at=at, **body
    )


ONE: dict[str, Any] = {"shift_id": "one", "staff_id": "ann"}
TWO: dict[str, Any] = {"shift_id": "two", "staff_id": "ann"}
WEEK = [
    _clock(1, shift_planned=ShiftPlanned(**ONE, department="spa", starts_at=5, ends_at=50)),
    _clock(5, shift_started=ShiftStarted(**ONE, department="spa", ends_at=50)),
    _clock(10, break_started=BreakStarted(**ONE)),
    _clock(14, break_ended=BreakEnded(**ONE)),
    _clock(60, shift_ended=ShiftEnded(**ONE)),
    _clock(55, shift_started=ShiftStarted(**TWO, department="spa", ends_at=900, zones=["floor-1"])),
    _clock(70, break_started=BreakStarted(**TWO)),
    _clock(75, break_ended=BreakEnded(**TWO)),
    _clock(80, break_started=BreakStarted(**TWO)),
]


@given(st.permutations(WEEK), st.lists(st.sampled_from(WEEK), max_size=3))
def test_a_time_clock_may_be_heard_in_any_order(shuffled: list[StaffFact], again: list[StaffFact]) -> None:
    staff = Staff()
    for fact in [*shuffled, *again]:
        if staff.news(fact):
            found = said(fact)
            assert found is not None
            staff.apply(*found, fact.occurred_at, "clock")
    shift = staff.on("ann")
    assert shift is not None
    assert (shift.shift_id, shift.started_at, shift.zones) == ("two", 55, ["floor-1"])
    assert (shift.break_ms, shift.on_break_since) == (5, 80)


def test_a_rosters_shift_ends_by_itself_too() -> None:
    staff = Staff()
    staff.apply(
        "shift_started", ShiftStarted(shift_id="x", staff_id="ann", department="spa", ends_at=50), 5, "r"
    )
    assert staff.due() == 50
    fired = staff.fire(60, Context())
    assert fired is not None
    staff.apply(fired.facts[0].name, fired.facts[0].body, fired.facts[0].at, "timer")
    assert staff.on("ann") is None


def test_words_of_shifts_long_past_are_forgotten() -> None:
    staff = Staff()
    for day in range(30):
        start = ShiftStarted(shift_id=str(day), staff_id="ann", department="spa", ends_at=day * DAY_MS + 1)
        staff.apply("shift_started", start, day * DAY_MS, "r")
    assert len(staff.words["ann"].facts) == 8
