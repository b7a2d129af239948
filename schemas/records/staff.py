"""`staff`: shifts and breaks, who is on duty where."""

from __future__ import annotations

from schemas.record import Id, Line, Millis, Record
from schemas.records.base import AnswerHeader, CommandHeader, EntityHeader, FactHeader, IntakeHeader, Tick


class ShiftPlanned(Record, frozen=True, kw_only=True):
    """The roster says who shall work when."""

    shift_id: Id
    staff_id: Id
    department: Line
    starts_at: Millis
    ends_at: Millis
    zones: list[Id] = []


class ShiftStarted(Record, frozen=True, kw_only=True):
    """On duty; `zones` empty: everywhere."""

    shift_id: Id
    staff_id: Id
    department: Line
    ends_at: Millis
    zones: list[Id] = []


class ShiftEnded(Record, frozen=True, kw_only=True):
    """Off duty."""

    shift_id: Id
    staff_id: Id


class BreakStarted(Record, frozen=True, kw_only=True):
    """Not to be assigned until the break ends."""

    shift_id: Id
    staff_id: Id


class BreakEnded(Record, frozen=True, kw_only=True):
    """Back."""

    shift_id: Id
    staff_id: Id


class StaffFact(FactHeader, frozen=True, kw_only=True):
    """One fact of a shift; exactly one field below the head is set."""

    shift_planned: ShiftPlanned | None = None
    shift_started: ShiftStarted | None = None
    shift_ended: ShiftEnded | None = None
    break_started: BreakStarted | None = None
    break_ended: BreakEnded | None = None


class StaffAnswer(AnswerHeader, frozen=True, kw_only=True):
    """What the staff agent made of one input."""

    facts: list[StaffFact] = []


class StartShift(Record, frozen=True, kw_only=True):
    """Come on duty; the shift's id is the command's. The sender's own, or another's by a manager."""

    staff_id: Id
    department: Line
    ends_at: Millis
    zones: list[Id] = []


class ShiftCommand(Record, frozen=True, kw_only=True):
    """End the shift, start or end a break."""

    staff_id: Id


class StaffCommand(CommandHeader, frozen=True, kw_only=True):
    """One command to the staff agent; exactly one field below the head is set."""

    start_shift: StartShift | None = None
    end_shift: ShiftCommand | None = None
    start_break: ShiftCommand | None = None
    end_break: ShiftCommand | None = None
    tick: Tick | None = None


class StaffIntake(IntakeHeader, frozen=True, kw_only=True):
    """A batch of what a roster or a time clock says, in any order."""

    facts: list[StaffFact]


class ShiftState(Record, frozen=True, kw_only=True):
    """A person's shift now; off duty once `ended_at` is set."""

    staff_id: Id
    shift_id: Id
    department: Line
    zones: list[Id] = []
    started_at: Millis
    ends_at: Millis
    ended_at: Millis | None = None
    on_break_since: Millis | None = None
    break_ms: int = 0


class ShiftWords(Record, frozen=True, kw_only=True):
    """What was said of a person's last shifts, by time; the state of the last one is the fold of it."""

    staff_id: Id
    facts: list[StaffFact]


class StaffEntity(EntityHeader, frozen=True, kw_only=True):
    """One entity of the staff agent, by staff_id; `kind` names the field that is set."""

    shift: ShiftState | None = None
    shift_words: ShiftWords | None = None
