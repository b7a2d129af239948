"""What each member of staff of one hotel did: a fold of `services` and `staff` facts.

Response = accepted - created, resolution = completed - created, as sums with their n. What counts of a
request is made anew from all that was said of it, by its time: the order of arrival has no part in it.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from schemas.record import Record
from schemas.records import services, staff
from schemas.records.base import FactHeader
from schemas.records.folds import PerformanceState
from schemas.records.staff import ShiftState, ShiftWords, StaffFact
from schemas.shifts import take
from streams.rules.remembering import chunks

_SHIFT_FACTS: dict[type[Record], str] = {
    staff.ShiftStarted: "shift_started",
    staff.ShiftEnded: "shift_ended",
    staff.BreakStarted: "break_started",
    staff.BreakEnded: "break_ended",
}
# In the order that counts at the same millisecond.
_STEPS: tuple[type[Record], ...] = (
    services.ServiceRequested,
    services.ServiceAssigned,
    services.ServiceReleased,
    services.ServiceAccepted,
    services.ServiceCompleted,
    services.ServiceRated,
)
_COUNTS = (
    "assigned", "accepted", "completed", "released", "response_ms", "resolution_ms", "resolved_on_time",
    "credits_done", "ratings", "rating_sum",
)  # fmt: skip

Word = tuple[int, int, bytes, Any]
"""When it was (ms), its kind's place in `_STEPS`, its content, the body."""


# What is remembered of a request at once, so that one with many words is no piece too large for Kafka.
WORDS = 20
_REQUESTS = msgspec.msgpack.Decoder(list[tuple[str, list[tuple[int, int, bytes]]]])
_SHIFTS = msgspec.msgpack.Decoder(list[ShiftState])
_SHIFT_WORDS = msgspec.msgpack.Decoder(list[ShiftWords])


@dataclass(slots=True)
class Work:
    """What of a request counts for one member of staff; `at`: their last step (ms), for `department`."""

    counts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    at: int = -1
    department: str = ""


@dataclass(slots=True)
class Request:
    """What was said of a request, in the order of time, and what of it counts for whom."""

    said: list[Word] = field(default_factory=list)
    work: dict[str, Work] = field(default_factory=dict)


@dataclass(slots=True)
class Member:
    """One member of staff. `worked`: their last step, its request and department."""

    counts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    worked: tuple[int, str, str] = (-1, "", "")


class Fold:
    """One hotel."""

    def __init__(self, property_id: str) -> None:
        self._property_id = property_id
        self._requests: defaultdict[str, Request] = defaultdict(Request)
        self._members: defaultdict[str, Member] = defaultdict(Member)
        self._shifts: dict[str, ShiftState] = {}
        self._shift_words: dict[str, ShiftWords] = {}
        self._changed: set[str] = set()

    def apply(self, topic: str, fact: FactHeader, body: Record) -> None:
        """Fold one fact of `services` or `staff`."""
        if type(body) in _STEPS:
            self._step(fact.occurred_at, body)
        elif name := _SHIFT_FACTS.get(type(body)):
            said: dict[str, Any] = {name: body}
            told = StaffFact(fact_id=fact.fact_id, occurred_at=fact.occurred_at, **said)
            take(self._shifts, self._shift_words, told)
            self._changed.add(body.staff_id)  # type: ignore[attr-defined]  # each of these has it

    def _step(self, at: int, body: Any) -> None:
        word = (at, _STEPS.index(type(body)), msgspec.json.encode(body), body)
        insort(self._requests[body.request_id].said, word)
        self._count_again(body.request_id)

    def _count_again(self, request_id: str) -> None:
        request = self._requests[request_id]
        for staff_id, before in request.work.items():
            self._add(staff_id, before, -1)
        request.work = worked(request.said)
        for staff_id, now in request.work.items():
            self._add(staff_id, now, 1)
            member = self._members[staff_id]
            if (now.at, request_id) >= member.worked[:2]:
                member.worked = (now.at, request_id, now.department)

    def _add(self, staff_id: str, work: Work, sign: int) -> None:
        counts = self._members[staff_id].counts
        for name, value in work.counts.items():
            counts[name] += sign * value
        self._changed.add(staff_id)

    def remember(self) -> Iterator[tuple[str, bytes]]:
        """All of it, in parts for `recall`; nothing may be folded between them."""
        yield from chunks("requests", self._words())
        yield from chunks("shifts", self._shifts.values())
        yield from chunks("shift_words", self._shift_words.values())

    def _words(self) -> Iterator[tuple[str, list[tuple[int, int, bytes]]]]:
        for request_id, request in self._requests.items():
            words = [word[:3] for word in request.said]
            for start in range(0, len(words), WORDS):
                yield request_id, words[start : start + WORDS]

    def recall(self, part: str, chunk: bytes) -> None:
        """One part of what was remembered, into a new fold. Every member of staff counts as changed."""
        match part:
            case "requests":
                for request_id, words in _REQUESTS.decode(chunk):
                    self._requests[request_id].said += [
                        (at, kind, content, msgspec.json.decode(content, type=_STEPS[kind]))
                        for at, kind, content in words
                    ]
                    self._count_again(request_id)
            case "shifts":
                self._shifts.update((one.staff_id, one) for one in _SHIFTS.decode(chunk))
            case "shift_words":
                told = {one.staff_id: one for one in _SHIFT_WORDS.decode(chunk)}
                self._shift_words.update(told)
                self._changed.update(told)
            case _:
                raise ValueError(part)

    def snapshot(self, vector: dict[str, int], as_of: int) -> list[PerformanceState]:
        """The members of staff that changed since the last snapshot."""
        changed = sorted(self._changed)
        self._changed.clear()
        return [self._state(one, vector, as_of) for one in changed]

    def _state(self, staff_id: str, vector: dict[str, int], as_of: int) -> PerformanceState:
        member, shift = self._members[staff_id], self._shifts.get(staff_id)
        counts: dict[str, Any] = dict(member.counts)
        # Taken off and added again: what is left of it in binary is not work.
        counts["credits_done"] = round(counts["credits_done"], 6)
        return PerformanceState(
            property_id=self._property_id,
            kind="performance",
            id=staff_id,
            vector=vector,
            as_of=as_of,
            department=shift.department if shift else member.worked[2],
            on_shift=shift is not None and shift.ended_at is None,
            on_break=shift is not None and shift.on_break_since is not None,
            **counts,
        )


def worked(said: Sequence[Word]) -> dict[str, Work]:
    """What of a request counts for whom; nothing until somebody said what is wanted."""
    wanted = [(at, body) for at, kind, _, body in said if kind == 0]
    if not wanted:
        return {}
    created_at, last = wanted[0][0], wanted[-1][1]
    found: defaultdict[str, Work] = defaultdict(Work)
    done = [(at, body.staff_id) for at, _, _, body in said if isinstance(body, services.ServiceCompleted)]
    for at, _, _, body in said:
        if isinstance(body, services.ServiceRequested):
            continue
        if isinstance(body, services.ServiceRated):
            # Theirs who had completed it by then; where a clock was behind, who did so first.
            by = [who for when, who in done if when <= at][-1:] or [who for _, who in done][:1]
            if by:
                counts = found[by[0]].counts
                counts["ratings"] += 1
                counts["rating_sum"] += body.score
            continue
        work = found[body.staff_id]
        work.at, work.department = at, last.department
        _count(work.counts, at, body, created_at, last)
    return dict(found)


def _count(
    counts: dict[str, float], at: int, body: Record, created_at: int, wanted: services.ServiceRequested
) -> None:
    match body:
        case services.ServiceAssigned():
            counts["assigned"] += 1
        case services.ServiceReleased():
            counts["released"] += 1
        case services.ServiceAccepted():
            counts["accepted"] += 1
            counts["response_ms"] += at - created_at
        case services.ServiceCompleted():
            counts["completed"] += 1
            counts["resolution_ms"] += at - created_at
            counts["resolved_on_time"] += at <= wanted.resolve_by
            counts["credits_done"] += wanted.credits
