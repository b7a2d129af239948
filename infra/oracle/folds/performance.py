"""What each member of staff did, counted from all that was said of requests and shifts. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from schemas.record import Record
from schemas.records import services, staff
from schemas.records.base import FactHeader

# Words of the same millisecond are taken in this order, then by their content.
STEPS: tuple[type[Record], ...] = (
    services.ServiceRequested,
    services.ServiceAssigned,
    services.ServiceReleased,
    services.ServiceAccepted,
    services.ServiceCompleted,
    services.ServiceRated,
)
SHIFT: tuple[type[Record], ...] = (
    staff.ShiftStarted,
    staff.ShiftEnded,
    staff.BreakStarted,
    staff.BreakEnded,
)
# Words so much older than a person's last one say nothing of the shift now.
SHIFT_MS = 8 * 24 * 3_600_000

Word = tuple[int, int, bytes, Any]


class Plain:
    """One hotel."""

    def __init__(self) -> None:
        self._requests: defaultdict[str, list[Word]] = defaultdict(list)
        self._shifts: defaultdict[str, list[Word]] = defaultdict(list)

    def take(self, fact: FactHeader, body: Record) -> None:
        """One fact of `services` or `staff`."""
        for order, kept, name in ((STEPS, self._requests, "request_id"), (SHIFT, self._shifts, "staff_id")):
            if type(body) in order:
                word = (fact.occurred_at, order.index(type(body)), msgspec.json.encode(body), body)
                kept[getattr(body, name)].append(word)

    def values(self, as_of: int) -> dict[str, dict[str, Any]]:
        """What each member of staff must say: id -> field -> value."""
        found: defaultdict[str, dict[str, Any]] = defaultdict(_nothing)
        last: dict[str, tuple[int, str, str]] = {}
        for own, words in self._requests.items():
            _request(own, sorted(words, key=lambda word: word[:3]), found, last)
        for staff_id, worked in last.items():
            found[staff_id]["department"] = worked[2]
        for staff_id, words in self._shifts.items():
            found[staff_id] |= _shift(sorted(words, key=lambda word: word[:3]))
        for values in found.values():
            values["credits_done"] = round(values["credits_done"], 6)
        return dict(found)


def _nothing() -> dict[str, Any]:
    counts = (
        "assigned", "accepted", "completed", "released", "response_ms", "resolution_ms", "resolved_on_time",
        "ratings", "rating_sum",
    )  # fmt: skip
    return dict.fromkeys(counts, 0) | {
        "credits_done": 0.0, "department": "", "on_shift": False, "on_break": False,
    }  # fmt: skip


def _request(
    own: str, words: list[Word], found: dict[str, dict[str, Any]], last: dict[str, tuple[int, str, str]]
) -> None:
    """What of one request counts for whom: nothing until somebody said what is wanted."""
    wanted = [(at, body) for at, _, _, body in words if isinstance(body, services.ServiceRequested)]
    if not wanted:
        return
    created, what = wanted[0][0], wanted[-1][1]
    completed = [(at, body.staff_id) for at, _, _, body in words if type(body) is services.ServiceCompleted]
    for at, _, _, body in words:
        if isinstance(body, services.ServiceRated):
            # Praise and blame go to who had completed it by then; where a clock was behind, to the first.
            before = [who for when, who in completed if when <= at]
            for who in before[-1:] or [who for _, who in completed[:1]]:
                found[who]["ratings"] += 1
                found[who]["rating_sum"] += body.score
        elif not isinstance(body, services.ServiceRequested):
            values, word = found[body.staff_id], (at, own, what.department)
            last[body.staff_id] = max(last.get(body.staff_id, word), word)
            if isinstance(body, services.ServiceAssigned):
                values["assigned"] += 1
            elif isinstance(body, services.ServiceReleased):
                values["released"] += 1
            elif isinstance(body, services.ServiceAccepted):
                values["accepted"] += 1
                values["response_ms"] += at - created
            else:
                values["completed"] += 1
                values["resolution_ms"] += at - created
                values["resolved_on_time"] += at <= what.resolve_by
                values["credits_done"] += what.credits


def _shift(words: list[Word]) -> dict[str, Any]:
    """Where a person stands after these words, in the order of time: of the shift that began last."""
    shift_id, department, on_shift, on_break = None, "", False, False
    for at, _, _, body in words:
        if at <= words[-1][0] - SHIFT_MS:
            continue
        if isinstance(body, staff.ShiftStarted):
            if body.shift_id != shift_id:
                shift_id, on_shift, on_break = body.shift_id, True, False
            department = body.department
        elif body.shift_id == shift_id and on_shift:
            on_shift = not isinstance(body, staff.ShiftEnded)
            on_break = isinstance(body, staff.BreakStarted) or (
                on_break and not isinstance(body, staff.BreakEnded | staff.ShiftEnded)
            )
    return {"department": department, "on_shift": on_shift, "on_break": on_break} if shift_id else {}
