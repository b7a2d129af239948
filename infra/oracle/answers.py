"""What must hold of an agent's answers on the log: one input one answer, in order, none twice. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.oracle.reading import Log, Logged
from schemas import topics as t
from schemas.codec import Undecodable, decode
from schemas.facts import counts, said
from schemas.records.base import AnswerHeader, CommandHeader, FactHeader, IntakeHeader, Tick
from schemas.topics import Topic

# Each agent's facts, and the inputs that must be answered every one.
AGENTS: tuple[tuple[Topic, tuple[Topic, ...]], ...] = (
    (t.ROOMS, (t.ROOMS_COMMANDS, t.ROOMS_INTAKE)),
    (t.SERVICES, (t.SERVICES_COMMANDS, t.SERVICES_INTAKE)),
    (t.STAFF, (t.STAFF_COMMANDS, t.STAFF_INTAKE)),
    (t.ALERTS, (t.ALERTS_COMMANDS,)),
    (t.NOTIFICATIONS, (t.NOTIFICATIONS_COMMANDS,)),
)


@dataclass(slots=True)
class Verdict:
    """`faults`: what must never be. `unanswered`: inputs the agents still owe an answer, (topic, id)."""

    answers: int = 0
    foreign: int = 0
    faults: list[str] = field(default_factory=list)
    unanswered: set[tuple[str, str]] = field(default_factory=set)


def judge(log: Log) -> Verdict:
    """All agents on this log."""
    verdict = Verdict()
    for facts, inputs in AGENTS:
        answered: set[tuple[str, str]] = set()
        for records in log.of(facts.name).values():
            answered |= _partition(facts, records, verdict)
        for topic in inputs:
            owed = {
                (topic.name, one)
                for records in log.of(topic.name).values()
                for record in _decoded(topic, records, len(log.of(topic.name)))
                if (one := _wants(record)) is not None
            }
            verdict.unanswered |= owed - answered
    return verdict


def _partition(topic: Topic, records: list[Logged], verdict: Verdict) -> set[tuple[str, str]]:
    """One partition of one agent; the (topic, id) of what it answered."""
    reached: dict[str, int] = {}
    events: set[str] = set()
    facts: set[str] = set()
    answered: set[tuple[str, str]] = set()
    for logged in records:
        where = f"{topic.name}/{logged.partition} at {logged.offset}"
        try:
            answer = decode(logged.value, topic)
        except Undecodable as problem:
            verdict.faults.append(f"{where}: {problem}")
            continue
        assert isinstance(answer, AnswerHeader)
        if not counts(answer, logged.offset):
            verdict.foreign += 1
            continue
        verdict.answers += 1
        cause = answer.cause
        if cause.partition != logged.partition:
            verdict.faults.append(f"{where}: answers another partition, {cause.topic}/{cause.partition}")
        if cause.offset <= reached.get(cause.topic, -1):
            verdict.faults.append(f"{where}: answers {cause.topic} at {cause.offset} late or again")
        reached[cause.topic] = max(cause.offset, reached.get(cause.topic, -1))
        if answer.event_id in events:
            verdict.faults.append(f"{where}: answer {answer.event_id} counts twice")
        events.add(answer.event_id)
        if (cause.topic, answer.causation_id) in answered:
            verdict.faults.append(f"{where}: {answer.causation_id} was answered before")
        answered.add((cause.topic, answer.causation_id))
        for fact in facts_of(answer):
            if fact.fact_id in facts:
                verdict.faults.append(f"{where}: fact {fact.fact_id} became true twice")
            facts.add(fact.fact_id)
    return answered


def facts_of(answer: AnswerHeader) -> list[FactHeader]:
    """The facts of an answer."""
    found: list[FactHeader] = answer.facts  # type: ignore[attr-defined]  # every answer has its list
    return found


def _decoded(topic: Topic, records: list[Logged], partitions: int) -> Iterator[CommandHeader | IntakeHeader]:
    """What wants an answer: the rest, unreadable or not at its hotel's home, is dead letters."""
    for logged in records:
        try:
            found = decode(logged.value, topic)
        except Undecodable:
            continue
        assert isinstance(found, CommandHeader | IntakeHeader)
        if t.partition_of(found.property_id, partitions) == logged.partition:
            yield found


def _wants(record: CommandHeader | IntakeHeader) -> str | None:
    """The id that an answer to this input must name; None: a tick, which may mean nothing."""
    if isinstance(record, IntakeHeader):
        return record.batch_id
    found = said(record)
    return None if found is None or isinstance(found[1], Tick) else record.command_id
