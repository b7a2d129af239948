"""A person's shift is the fold of what was said of it, by time. Any order of hearing: `test_staff.py`."""

from __future__ import annotations

from schemas.records.staff import BreakStarted, ShiftEnded, ShiftStarted, ShiftState, ShiftWords, StaffFact
from schemas.shifts import state_of, take


def test_another_shifts_end_ends_nothing_and_a_break_ends_with_its_shift() -> None:
    started = ShiftStarted(shift_id="a", staff_id="ann", department="spa", ends_at=90)
    facts = [
        StaffFact(fact_id="1", occurred_at=5, shift_started=started),
        StaffFact(fact_id="2", occurred_at=6, shift_ended=ShiftEnded(shift_id="b", staff_id="ann")),
        StaffFact(fact_id="3", occurred_at=7, break_started=BreakStarted(shift_id="a", staff_id="ann")),
    ]
    shift = state_of(facts)
    assert shift is not None
    assert (shift.ended_at, shift.on_break_since) == (None, 7)
    ended = StaffFact(fact_id="4", occurred_at=9, shift_ended=ShiftEnded(shift_id="a", staff_id="ann"))
    shift = state_of([*facts, ended])
    assert shift is not None
    assert (shift.ended_at, shift.on_break_since, shift.break_ms) == (9, None, 2)


def test_an_end_before_any_start_is_kept_for_it() -> None:
    shifts: dict[str, ShiftState] = {}
    told: dict[str, ShiftWords] = {}
    take(
        shifts,
        told,
        StaffFact(fact_id="1", occurred_at=9, shift_ended=ShiftEnded(shift_id="a", staff_id="ann")),
    )
    assert shifts == {}
    started = ShiftStarted(shift_id="a", staff_id="ann", department="spa", ends_at=90)
    take(shifts, told, StaffFact(fact_id="2", occurred_at=5, shift_started=started))
    assert shifts["ann"].ended_at == 9
