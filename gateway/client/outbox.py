"""What this device wants and has no ack for yet. Pure.

One command is under way at a time: a gateway may refuse one for now and take the next, so more under way
could change their order. An emergency waits for none of the others.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from schemas.ids import new_id

URGENT = "alerts.raise_emergency"


@dataclass(frozen=True, slots=True)
class Pending:
    """A command that waits for its ack."""

    id: str
    cmd: str
    d: dict[str, Any]


@dataclass(slots=True)
class _Lane:
    """Commands in their order; only the first may be under way. `not_before`: seconds."""

    waiting: deque[Pending] = field(default_factory=deque)
    under_way: bool = False
    not_before: float = 0.0


class Outbox:
    """Two lanes: emergencies, and everything else. `device` is this sender's name for itself."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._sequence = 0
        self._lanes = (_Lane(), _Lane())

    def __len__(self) -> int:
        return sum(len(lane.waiting) for lane in self._lanes)

    def add(self, cmd: str, d: dict[str, Any], own_id: str | None = None) -> Pending:
        """Puts a command last. A chat's is known by (user, device, sequence), or by `own_id`."""
        if own_id is None and cmd.startswith("chat."):
            self._sequence += 1
            d = d | {"device": self.device, "seq": self._sequence}
        one = Pending(own_id or new_id(), cmd, d)
        self._lanes[cmd != URGENT].waiting.append(one)
        return one

    def due(self, now: float) -> list[Pending]:
        """What is to be sent now; it is under way from here on."""
        found = []
        for lane in self._lanes:
            if lane.waiting and not lane.under_way and now >= lane.not_before:
                lane.under_way = True
                found.append(lane.waiting[0])
        return found

    def settled(self, own_id: str) -> bool:
        """Acked, or refused for good. False where this id is not under way."""
        lane = self._lane_of(own_id)
        if lane is None:
            return False
        lane.waiting.popleft()
        lane.under_way = False
        return True

    def put_off(self, own_id: str, until: float) -> bool:
        """The same again at `until` (s), and nothing after it before. False where it is not under way."""
        lane = self._lane_of(own_id)
        if lane is None:
            return False
        lane.under_way, lane.not_before = False, until
        return True

    def lost(self) -> None:
        """The connection is gone: nothing is under way."""
        for lane in self._lanes:
            lane.under_way = False

    def wake_at(self) -> float | None:
        """When `due` has something to give, None: not by time alone."""
        return min((one.not_before for one in self._lanes if one.waiting and not one.under_way), default=None)

    def _lane_of(self, own_id: str) -> _Lane | None:
        for lane in self._lanes:
            if lane.under_way and lane.waiting[0].id == own_id:
                return lane
        return None
