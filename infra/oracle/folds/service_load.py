"""The queue of each department, counted from all that was said of each request. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from schemas.record import Record
from schemas.records import services as said
from schemas.records.base import FactHeader

# What a step leaves a request as; of steps at the same millisecond the last in this order holds.
STEPS: dict[type[Record], str] = {
    said.ServiceAssigned: "assigned",
    said.ServiceReleased: "open",
    said.ServiceAccepted: "accepted",
    said.ServiceStarted: "started",
    said.ServiceCompleted: "completed",
    said.ServiceCancelled: "cancelled",
    said.ServiceReopened: "open",
}
_ORDER = list(STEPS)


class Plain:
    """One hotel."""

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[int, str, float]] = {}
        self._created: dict[str, int] = {}
        self._step: dict[str, tuple[int, int]] = {}
        self._breached: set[str] = set()
        self._departments: set[str] = set()

    def take(self, fact: FactHeader, body: Record) -> None:
        """One fact of `services`."""
        at, own = fact.occurred_at, getattr(body, "request_id", "")
        if isinstance(body, said.ServiceRequested):
            self._created[own] = min(at, self._created.get(own, at))
            if at >= self._wanted.get(own, (at, "", 0.0))[0]:
                self._wanted[own] = (at, body.department, body.credits)
                self._departments.add(body.department)
        elif isinstance(body, said.ServiceBreached):
            self._breached.add(own)
        elif type(body) in STEPS:
            step = (at, _ORDER.index(type(body)))
            self._step[own] = max(self._step.get(own, step), step)

    def values(self, as_of: int) -> dict[str, dict[str, Any]]:
        """What each department must say: id -> field -> value."""
        found = {department: _empty() for department in self._departments}
        oldest: defaultdict[str, list[int]] = defaultdict(list)
        for own, (_, department, credits) in self._wanted.items():
            values = found[department]
            status = STEPS[_ORDER[self._step[own][1]]] if own in self._step else "open"
            if status == "cancelled":
                continue
            values[status] += 1
            if status != "completed":
                values["breached_open"] += own in self._breached
                values["credits_open"] += credits
                oldest[department].append(self._created[own])
        for department, moments in oldest.items():
            found[department]["oldest_open_at"] = min(moments)
        return found


def _empty() -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("open", "assigned", "accepted", "started", "completed"), 0)
    return counts | {"breached_open": 0, "oldest_open_at": None, "credits_open": 0.0}
