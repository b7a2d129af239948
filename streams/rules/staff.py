"""Shifts and breaks: who is on duty where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas import words
from schemas.facts import said as body_of
from schemas.records import staff as said
from schemas.records.staff import ShiftState, ShiftWords, StaffFact
from schemas.shifts import take
from streams.rules.deciding import FIRE_AT_MOST, MANAGER_ROLES, Ask, Context, Decision, Said, refuse
from streams.rules.intake import LONGEST_SHIFT_MS

RULE = "staff@1"


class Staff:
    """The last shift of everybody of one hotel."""

    def __init__(self) -> None:
        self.shifts: dict[str, ShiftState] = {}
        self.words: dict[str, ShiftWords] = {}
        self.aside: frozenset[str] = frozenset()

    def on(self, staff_id: str) -> ShiftState | None:
        """The running shift of a member of staff."""
        shift = self.shifts.get(staff_id)
        return shift if shift is not None and shift.ended_at is None else None

    def decide(self, ask: Ask, context: Context) -> Decision:
        """Answer a command of `StaffCommand`: one's own shift, or anybody's by a manager."""
        staff_id = getattr(ask.body, "staff_id", "")
        if ask.role != "staff" and ask.role not in MANAGER_ROLES:
            return refuse(RULE, "forbidden", "Only staff have shifts.")
        if staff_id != ask.actor_id and ask.role not in MANAGER_ROLES:
            return refuse(RULE, "not_yours", "Only a manager may change another one's shift.")
        if isinstance(ask.body, said.StartShift):
            return self._start(ask, ask.body, context)
        shift = self.on(staff_id)
        if shift is None:
            return refuse(RULE, "off_shift", f"{staff_id} is not on shift.")
        return _step(shift, ask, self.after(staff_id, ask.at))

    def after(self, staff_id: str, at: int) -> int:
        """`at` (ms), or right after the latest word on the person's shifts: what is decided counts."""
        known = self.words.get(staff_id)
        return max(at, known.facts[-1].occurred_at + 1) if known else at

    def _start(self, ask: Ask, body: said.StartShift, context: Context) -> Decision:
        if self.on(body.staff_id) is not None:
            return refuse(RULE, "already_on_shift", f"{body.staff_id} is on shift already.")
        if not ask.at < body.ends_at <= ask.at + LONGEST_SHIFT_MS:
            return refuse(RULE, "invalid_end", "A shift ends in the future, within 24 hours.")
        if context.property is not None and body.department not in context.property.departments:
            return refuse(RULE, "unknown_department", f"This hotel has no department {body.department}.")
        at = self.after(body.staff_id, ask.at)
        fact = said.ShiftStarted(
            shift_id=ask.id,
            staff_id=body.staff_id,
            department=body.department,
            ends_at=body.ends_at,
            zones=body.zones,
        )
        return Decision(RULE, f"{body.staff_id} is on duty.", (Said("shift_started", fact, at),))

    def read(self, answer: Any, context: Context) -> Decision | None:
        """This agent reads no other agent's answers."""
        return None

    def news(self, fact: StaffFact) -> bool:
        """What a roster or a time clock says, unless the very same was said; ids are the shell's."""
        found = body_of(fact)
        if found is None:
            return False
        known = self.words.get(getattr(found[1], "staff_id", ""))
        return fact.shift_planned is not None or known is None or not words.holds(known.facts, fact)

    def follow(self, fact: StaffFact) -> Sequence[Said]:
        """Nothing follows: a plan alone puts nobody on duty."""
        return ()

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact: by its own time, so that a time clock may be heard in any order."""
        take(self.shifts, self.words, StaffFact(fact_id=body.shift_id, occurred_at=at, **{name: body}))

    def entities(self) -> dict[str, dict[str, Any]]:
        """Shifts, and what was said of each person's last ones."""
        return {"shift": self.shifts, "shift_words": self.words}

    def restore(self, entities: dict[str, dict[str, Any]]) -> None:
        """Take a state over."""
        self.shifts, self.words = entities.get("shift", {}), entities.get("shift_words", {})

    def due(self) -> int | None:
        """When the next shift ends by its plan."""
        return min((s.ends_at for s in self._running()), default=None)

    def _running(self) -> Iterator[ShiftState]:
        return (s for s in self.shifts.values() if s.ended_at is None and s.staff_id not in self.aside)

    def fire(self, until: int, context: Context) -> Decision | None:
        """Shifts whose end has come."""
        over = [s for s in self._running() if s.ends_at <= until]
        facts = tuple(
            Said("shift_ended", said.ShiftEnded(shift_id=s.shift_id, staff_id=s.staff_id), s.ends_at)
            for s in sorted(over, key=lambda s: (s.ends_at, s.staff_id))[:FIRE_AT_MOST]
        )
        return Decision(RULE, f"{len(facts)} shifts are over.", facts) if facts else None


def _step(shift: ShiftState, ask: Ask, at: int) -> Decision:
    where = {"shift_id": shift.shift_id, "staff_id": shift.staff_id}
    on_break = shift.on_break_since is not None
    match ask.name:
        case "end_shift":
            return _one("shift_ended", said.ShiftEnded(**where), at, "Off duty.")
        case "start_break" if on_break:
            return refuse(RULE, "on_break", "The break has begun already.")
        case "start_break":
            return _one("break_started", said.BreakStarted(**where), at, "On a break.")
        case "end_break" if not on_break:
            return refuse(RULE, "not_on_break", "There is no break to end.")
        case "end_break":
            return _one("break_ended", said.BreakEnded(**where), at, "Back on duty.")
    return refuse(RULE, "unknown_command", f"The staff agent knows no command {ask.name}.")


def _one(name: str, body: Any, at: int, sentence: str) -> Decision:
    return Decision(RULE, sentence, (Said(name, body, at),))
