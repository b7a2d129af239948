"""What must hold of an agent's answers on the log: one input one answer, in order, none twice. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from infra.oracle.reading import Log, Logged
from schemas import topics as t
from schemas.codec import Alien, Undecodable
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
FACTS = tuple(facts for facts, _ in AGENTS)


@dataclass(slots=True)
class Verdict:
    """`faults`: what must never be. `unanswered`: inputs the agents still owe an answer, (topic, id)."""

    answers: int = 0
    foreign: int = 0
    faults: list[str] = field(default_factory=list)
    unanswered: set[tuple[str, str]] = field(default_factory=set)


def judge(log: Log) -> Verdict:
    """All agents on this log."""
    judge = Judge(max((partition for _, partition in log.records), default=0) + 1)
    for facts, inputs in AGENTS:
        for topic in (*inputs, facts):
            for records in log.of(topic.name).values():
                for logged in records:
                    judge.take(logged)
    return judge.verdict()


class Judge:
    """Judges record by record, each partition of a topic in order; `partitions`: how many the topics have.

    In any order of topics. Inputs after the answers cost least: one whose answer names its place and its id
    is not decoded.
    """

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._said = Verdict()
        self._reached: dict[tuple[str, int, str], int] = {}
        self._heard: set[bytes] = set()
        self._answered: set[tuple[str, str]] = set()
        self._answers: dict[tuple[str, int, int], bytes] = {}
        self._owed: set[tuple[str, str]] = set()

    def take(self, logged: Logged) -> None:
        """One record of a fact topic, of commands or of intake."""
        topic = t.BY_NAME[logged.topic]
        named = self._answers.get((logged.topic, logged.partition, logged.offset))
        if named is not None and named in (logged.value or b""):
            return
        try:
            record = logged.record()
        except Alien:  # nobody's: a dead letter, which wants no answer
            return
        except Undecodable as problem:
            if topic in FACTS:
                self._fault(logged, str(problem))
            return
        if isinstance(record, AnswerHeader):
            self._answer(logged, record)
            return
        assert isinstance(record, CommandHeader | IntakeHeader)
        home = t.partition_of(record.property_id, self._partitions)
        if home == logged.partition and (one := _wants(record)) is not None:
            self._owed.add((logged.topic, one))

    def _answer(self, logged: Logged, answer: AnswerHeader) -> None:
        if not counts(answer, logged.offset):
            self._said.foreign += 1
            return
        self._said.answers += 1
        cause = answer.cause
        if cause.partition != logged.partition:
            self._fault(logged, f"answers another partition, {cause.topic}/{cause.partition}")
        place = (logged.topic, logged.partition, cause.topic)
        if cause.offset <= self._reached.get(place, -1):
            self._fault(logged, f"answers {cause.topic} at {cause.offset} late or again")
        self._reached[place] = max(cause.offset, self._reached.get(place, -1))
        if self._again(logged, answer.event_id):
            self._fault(logged, f"answer {answer.event_id} counts twice")
        if (cause.topic, answer.causation_id) in self._answered:
            self._fault(logged, f"{answer.causation_id} was answered before")
        self._answered.add((cause.topic, answer.causation_id))
        self._answers[cause.topic, cause.partition, cause.offset] = answer.causation_id.encode()
        for fact in facts_of(answer):
            if self._again(logged, fact.fact_id):
                self._fault(logged, f"fact {fact.fact_id} became true twice")

    def _again(self, logged: Logged, one: str) -> bool:
        """Whether this id was heard on the partition before. Eight bytes of hash: ten million fit in 1 GB."""
        place = f"{logged.topic}/{logged.partition}/{one}"
        digest = hashlib.blake2b(place.encode(), digest_size=8).digest()
        if digest in self._heard:
            return True
        self._heard.add(digest)
        return False

    def _fault(self, logged: Logged, what: str) -> None:
        self._said.faults.append(f"{logged.topic}/{logged.partition} at {logged.offset}: {what}")

    def verdict(self) -> Verdict:
        """What was found so far."""
        self._said.unanswered = self._owed - self._answered
        return self._said


def facts_of(answer: AnswerHeader) -> list[FactHeader]:
    """The facts of an answer."""
    found: list[FactHeader] = answer.facts  # type: ignore[attr-defined]  # every answer has its list
    return found


def _wants(record: CommandHeader | IntakeHeader) -> str | None:
    """The id that an answer to this input must name; None: a tick, which may mean nothing."""
    if isinstance(record, IntakeHeader):
        return record.batch_id
    found = said(record)
    return None if found is None or isinstance(found[1], Tick) else record.command_id
