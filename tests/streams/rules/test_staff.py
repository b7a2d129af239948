"""Shifts: one at a time, breaks inside them, and an end that comes by itself."""

from __future__ import annotations

from schemas.record import Record
from schemas.records.base import Role
from schemas.records.staff import ShiftCommand, StartShift
from streams.rules.deciding import FIRE_AT_MOST, Ask, Context, Decision
from streams.rules.staff import Staff

HOUR_MS = 3_600_000
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
