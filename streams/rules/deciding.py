"""What all deciders share: what a rule says, what it may look at, and the interface of their rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.record import Record
from schemas.records.base import Candidate, Role, Verdict
from schemas.records.rooms import RoomState
from schemas.records.settings import CatalogueItem, PropertySettings, RoomSettings, RoutingWeights
from schemas.records.staff import ShiftState, ShiftWords

STAFF_ROLES: frozenset[Role] = frozenset({"staff", "manager", "admin", "system"})
MANAGER_ROLES: frozenset[Role] = frozenset({"manager", "admin", "system"})
# What passing time may say at once; the next tick goes on, so that no answer outgrows a record.
FIRE_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Ask:
    """A command as rules see it: who asks, when (broker time, ms), the command's id and body."""

    id: str
    at: int
    actor_id: str
    role: Role
    name: str
    body: Record


@dataclass(frozen=True, slots=True)
class Said:
    """One fact that became true: the field's name in the agent's fact record, its body, when (ms)."""

    name: str
    body: Record
    at: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule decided. Refused: `code` and `sentence` say why, and nothing became true."""

    rule: str
    sentence: str
    facts: tuple[Said, ...] = ()
    verdict: Verdict = "accepted"
    code: str = ""
    candidates: tuple[Candidate, ...] = ()


def refuse(rule: str, code: str, sentence: str) -> Decision:
    """A refusal: `code` for programs, `sentence` for people."""
    return Decision(rule, sentence, verdict="refused", code=code)


@dataclass(slots=True)
class Context:
    """What a hotel's agents may look at beside their own state, each folded from its own topic."""

    property: PropertySettings | None = None
    rooms: dict[str, RoomSettings] = field(default_factory=dict)
    items: dict[str, CatalogueItem] = field(default_factory=dict)
    weights: RoutingWeights = field(default_factory=RoutingWeights)
    shifts: dict[str, ShiftState] = field(default_factory=dict)
    shift_words: dict[str, ShiftWords] = field(default_factory=dict)
    room_states: dict[str, RoomState] = field(default_factory=dict)
    # reservation_id -> (guest_id, room_id) of who is in house, where both are known
    stays: dict[str, tuple[str, str]] = field(default_factory=dict)

    def rooms_of(self, guest_id: str) -> set[str]:
        """The rooms this guest is known to stay in; empty: nothing is known."""
        return {room_id for guest, room_id in self.stays.values() if guest == guest_id}


class Rules(Protocol):
    """One hotel under one agent: its state and its rules. No I/O, no clock.

    `aside`: ids of entities that are left out where time passes: one that can't be fired stops no other.
    """

    aside: frozenset[str]

    def decide(self, ask: Ask, context: Any) -> Decision:
        """Answer a command. Changes nothing."""

    def read(self, answer: Any, context: Any) -> Decision | None:
        """What another agent's answer means here; None: nothing, so there is no answer to it."""

    def news(self, fact: Any) -> bool:
        """Whether a property system's fact says anything this state has not heard."""

    def follow(self, fact: Any) -> Sequence[Said]:
        """What follows from a property system's fact for this agent. Changes nothing."""

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact; `at` is when it occurred (ms)."""

    def entities(self) -> dict[str, dict[str, Any]]:
        """The whole state: kind -> id -> frozen record, a field of this kind in the agent's entity record.

        A reservation may lie packed: `streams.rules.shelf.unpacked`.
        """

    def restore(self, entities: dict[str, dict[str, Any]]) -> None:
        """Take a state over, on rules that are new."""

    def due(self) -> int | None:
        """The earliest deadline (ms), None without one."""

    def fire(self, until: int, context: Any) -> Decision | None:
        """What became true because time passed, up to `until`, bounded; None: nothing."""
