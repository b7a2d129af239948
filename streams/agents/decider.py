"""A decider as a value: its topics, its records, its rules, what it looks at. The shell does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.records.base import AnswerHeader, CommandHeader, EntityHeader, FactHeader, IntakeHeader
from schemas.topics import Topic
from streams.rules.decision import Rules


@dataclass(frozen=True, slots=True)
class Follow:
    """A compacted topic that is followed as context; only these kinds are kept."""

    topic: Topic
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decider:
    """One agent that decides. `reads`: other agents' fact topics, each answer at most one input."""

    name: str
    rules: Rules
    facts: Topic
    commands: Topic
    state: Topic
    command: type[CommandHeader]
    answer: type[AnswerHeader]
    fact: type[FactHeader]
    entity: type[EntityHeader]
    intake: Topic | None = None
    batch: type[IntakeHeader] | None = None
    reads: tuple[Topic, ...] = ()
    follows: tuple[Follow, ...] = ()
