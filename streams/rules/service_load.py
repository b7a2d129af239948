"""The queue of each department of one hotel: a fold of `services` facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from schemas.record import Record
from schemas.records import services as said
from schemas.records.base import FactHeader
from schemas.records.folds import ServiceLoadState
from streams.rules.remembering import chunks

# In the order that counts at the same millisecond.
_STATUS_AFTER: dict[type[Record], said.RequestStatus] = {
    said.ServiceAssigned: "assigned",
    said.ServiceReleased: "open",
    said.ServiceAccepted: "accepted",
    said.ServiceStarted: "started",
    said.ServiceCompleted: "completed",
    said.ServiceCancelled: "cancelled",
    said.ServiceReopened: "open",
}
_ORDER = list(_STATUS_AFTER)


class Request(msgspec.Struct, array_like=True):
    """A request as far as the queue needs it; `department` is null until its `requested` was heard."""

    status: said.RequestStatus = "open"
    changed_at: tuple[int, int] = (-1, -1)
    described_at: int = -1
    department: str | None = None
    credits: float = 0.0
    created_at: int = 0
    breached: bool = False


_REQUESTS = msgspec.msgpack.Decoder(list[tuple[str, Request]])
_DEPARTMENTS = msgspec.msgpack.Decoder(list[str])


class Fold:
    """One hotel."""

    def __init__(self, property_id: str) -> None:
        self._property_id = property_id
        self._requests: defaultdict[str, Request] = defaultdict(Request)
        self._active: defaultdict[str, set[str]] = defaultdict(set)
        self._completed: defaultdict[str, int] = defaultdict(int)
        self._changed: set[str] = set()

    def apply(self, topic: str, fact: FactHeader, body: Record) -> None:
        """Fold one fact of `services`. Last writer by time, for what is wanted and for where it stands."""
        if isinstance(body, said.ServiceRated):
            return
        request_id: str = body.request_id  # type: ignore[attr-defined]  # every fact of `services` has it
        request = self._requests[request_id]
        self._leave(request_id, request)
        at = fact.occurred_at
        if isinstance(body, said.ServiceRequested):
            request.created_at = at if request.department is None else min(at, request.created_at)
            if at >= request.described_at:
                request.department, request.credits, request.described_at = body.department, body.credits, at
        elif isinstance(body, said.ServiceBreached):
            request.breached = True
        elif (place := (at, _ORDER.index(type(body)))) >= request.changed_at:
            request.status, request.changed_at = _STATUS_AFTER[type(body)], place
        self._enter(request_id, request)

    def _leave(self, request_id: str, request: Request) -> None:
        if request.department is not None:
            self._active[request.department].discard(request_id)
            self._completed[request.department] -= request.status == "completed"
            self._changed.add(request.department)

    def _enter(self, request_id: str, request: Request) -> None:
        if request.department is None:
            return
        if request.status == "completed":
            self._completed[request.department] += 1
        elif request.status != "cancelled":
            self._active[request.department].add(request_id)
        self._changed.add(request.department)

    def remember(self) -> Iterator[tuple[str, bytes]]:
        """All of it, in parts for `recall`; nothing may be folded between them."""
        # Also those that all requests have left: their last written value may say otherwise.
        yield from chunks("departments", self._completed)
        yield from chunks("requests", self._requests.items())

    def recall(self, part: str, chunk: bytes) -> None:
        """One part of what was remembered, into a new fold. Every department counts as changed."""
        match part:
            case "departments":
                for department in _DEPARTMENTS.decode(chunk):
                    self._completed[department] += 0
                    self._changed.add(department)
            case "requests":
                for own, request in _REQUESTS.decode(chunk):
                    self._requests[own] = request
                    self._enter(own, request)
            case _:
                raise ValueError(part)

    def snapshot(self, vector: dict[str, int], as_of: int) -> list[ServiceLoadState]:
        """The departments that changed since the last snapshot."""
        changed = sorted(self._changed)
        self._changed.clear()
        return [self._state(department, vector, as_of) for department in changed]

    def _state(self, department: str, vector: dict[str, int], as_of: int) -> ServiceLoadState:
        active = [self._requests[one] for one in self._active[department]]
        return ServiceLoadState(
            property_id=self._property_id,
            kind="service_load",
            id=department,
            vector=vector,
            as_of=as_of,
            open=sum(one.status == "open" for one in active),
            assigned=sum(one.status == "assigned" for one in active),
            accepted=sum(one.status == "accepted" for one in active),
            started=sum(one.status == "started" for one in active),
            completed=self._completed[department],
            breached_open=sum(one.breached for one in active),
            oldest_open_at=min((one.created_at for one in active), default=None),
            credits_open=sum(one.credits for one in active),
        )
