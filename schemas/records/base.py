"""What commands, facts, answers and entities of every agent share."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from schemas.record import Id, Line, Millis, Record, Text

Role = Literal["guest", "staff", "manager", "admin", "system", "data"]
Verdict = Literal["accepted", "refused"]


class Cause(Record, frozen=True, kw_only=True):
    """The input record that an answer answers."""

    topic: str
    partition: int
    offset: int


class Candidate(Record, frozen=True, kw_only=True):
    """One who was considered: eligible ones have a score (lower is better), others the reason why not."""

    id: Id
    score: float = 0.0
    eligible: bool = True
    reason: Line = ""


class Why(Record, frozen=True, kw_only=True):
    """Why it was decided so: rule and version, the sentence a person would say, who was considered."""

    rule: Line
    sentence: Text
    candidates: list[Candidate] = []
    context: dict[str, int] = {}


class CommandHeader(Record, frozen=True, kw_only=True):
    """Head of every command: `command_id` is the client's UUIDv7; `claimed_at` its own clock, kept beside."""

    command_id: Id
    property_id: Id
    actor_id: Id
    actor_role: Role
    claimed_at: Millis
    source_system: Line = "concierge"


class Tick(Record, frozen=True, kw_only=True):
    """The agent's own wake-up: its earliest deadline is due at `due_at`."""

    due_at: Millis


class IntakeHeader(Record, frozen=True, kw_only=True):
    """Head of every intake batch: what one property system, roster or file says, facts in its order."""

    batch_id: Id
    property_id: Id
    actor_id: Id
    source_system: Line


class FactHeader(Record, frozen=True, kw_only=True):
    """Head of every fact. `occurred_at`: broker time of the command, or what the property system says."""

    fact_id: Id
    occurred_at: Millis
    source_system: Line = "concierge"
    source_event_id: Line = ""


class AnswerHeader(Record, frozen=True, kw_only=True):
    """Head of every answer: one input, one answer. It counts only where it lies at offset `expected`."""

    event_id: Id
    property_id: Id
    recorded_at: Millis
    actor_id: Id
    actor_role: Role
    causation_id: Id
    cause: Cause
    expected: int
    verdict: Verdict
    code: Line = ""
    why: Why


class EntityHeader(Record, frozen=True, kw_only=True):
    """Head of every record of a `.state` topic: the entity after the facts up to `offset`."""

    property_id: Id
    kind: Line
    id: Id
    offset: int


class SeenIds(EntityHeader, frozen=True, kw_only=True):
    """Ids that a partition's agent heard on one day, 16 bytes each; `id` is day.n, the n-th of its pieces."""

    seen: bytes


class StateMark(Record, frozen=True, kw_only=True):
    """Written last: the `entities` before it are `agent`'s partition after the facts below `facts_end`.

    It counts only where it lies at `expected`, and only for the `program` that wrote it. `next`: where each
    input topic goes on. `hotels`: those that reflect more than `facts_end`, and up to which fact.
    """

    agent: Line
    partition: int
    facts_end: int
    expected: int
    next: dict[str, int]
    entities: int = 0
    program: Line = ""
    hotels: dict[str, int] = {}


Score = Annotated[int, Meta(ge=1, le=5)]
Priority = Annotated[int, Meta(ge=1, le=4)]
