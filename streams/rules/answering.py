"""One input, one answer: a partition of one agent, from inputs to answers and back to state.

No I/O. The shell gives it records with their coordinates and sends what it returns; after a crash the shell
folds the answers that are on the log, and everything is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.facts import counts, said
from schemas.ids import derived_id
from schemas.record import Record
from schemas.records.base import (
    AnswerHeader,
    Cause,
    CommandHeader,
    EntityHeader,
    FactHeader,
    IntakeHeader,
    Tick,
    Why,
)
from schemas.topics import Topic
from streams.rules.deciding import Ask, Decision, Rules, Said, refuse
from streams.rules.intake import invalid
from streams.rules.limits import beyond
from streams.rules.seen import Seen


class Followed(Protocol):
    """One hotel's context."""

    def take(self, record: Any) -> None:
        """Fold one record of a followed topic."""

    def forget(self, kind: str, name: str) -> None:
        """A tombstone: the record of this kind and id is no more."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A decider: topics, records, rules. `reads`: fact topics that are inputs; `follows`: context."""

    name: str
    facts: Topic
    commands: Topic
    intake: Topic | None
    reads: tuple[Topic, ...]
    follows: tuple[Topic, ...]
    answer: type[AnswerHeader]
    fact: type[FactHeader]
    rules: Callable[[], Rules]
    context: Callable[[], Followed]
    state: Topic
    entity: type[EntityHeader]

    @property
    def inputs(self) -> tuple[Topic, ...]:
        """Every topic whose records this agent answers."""
        return (self.commands, *((self.intake,) if self.intake else ()), *self.reads)


def facts_of(answer: AnswerHeader) -> Sequence[FactHeader]:
    """The facts of an answer, in order."""
    found: Sequence[FactHeader] = answer.facts  # type: ignore[attr-defined]  # every answer has its list
    return found


# The answer's code where a rule itself failed: the command is kept as a dead letter, too.
FAILED = "failed"


class NewerThanAgent(RuntimeError):
    """An answer of this agent holds a fact this program does not know: only a newer program may go on."""


@dataclass(frozen=True, slots=True)
class Input:
    """Where an input record lies and when the broker got it (ms); `vector`: the context's offsets."""

    topic: str
    partition: int
    offset: int
    at: int
    vector: dict[str, int]


@dataclass(slots=True)
class Partition:
    """One partition of one agent. `expected`: the offset the next answer must get.

    `reflects`: the first fact that a hotel does not hold yet, where a snapshot says so.
    """

    agent: Agent
    expected: int = 0
    next: dict[str, int] = field(default_factory=dict)
    hotels: dict[str, Rules] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    reflects: dict[str, int] = field(default_factory=dict)

    def hotel(self, property_id: str) -> Rules:
        """The rules and state of a hotel."""
        if property_id not in self.hotels:
            self.hotels[property_id] = self.agent.rules()
        return self.hotels[property_id]

    def fold(self, answer: AnswerHeader, offset: int) -> None:
        """Take an answer from the log. NewerThanAgent where it holds a fact unknown here."""
        self.expected = offset + 1
        if not counts(answer, offset):
            return
        self.next[answer.cause.topic] = answer.cause.offset + 1
        self.seen.add(answer.causation_id, answer.recorded_at)
        rules = self.hotel(answer.property_id)
        held = offset < self.reflects.get(answer.property_id, 0)
        for fact in facts_of(answer):
            found = said(fact)
            if found is None:
                raise NewerThanAgent(
                    f"{self.agent.facts.name} offset {offset}: a fact newer than this program"
                )
            if not held:
                rules.apply(*found, fact.occurred_at, answer.actor_id)
            if fact.source_event_id:
                self.seen.add(fact.fact_id, answer.recorded_at)

    def command(self, record: CommandHeader, where: Input, context: Followed) -> AnswerHeader | None:
        """The answer to a command; None: it was answered before, or is a tick that woke nobody."""
        if record.command_id in self.seen:
            return None
        name, body = said(record) or ("", None)
        rules = self.hotel(record.property_id)
        fired = self._fire(rules, where.at, context, record.actor_id)
        if isinstance(body, Tick):
            decision = fired
            if decision is None:
                return None
            facts = list(decision.facts)
        else:
            decision = self._decide(rules, record, where.at, name, body, context)
            self._apply(rules, decision.facts, record.actor_id)
            facts = [*(fired.facts if fired else ()), *decision.facts]
        return self._answer(record.command_id, record, decision, self._facts(record.command_id, facts), where)

    def _decide(
        self, rules: Rules, record: CommandHeader, at: int, name: str, body: Record | None, context: Followed
    ) -> Decision:
        """What the rules say. Whatever is wrong with a command, its answer is a no: it must not come back."""
        own = f"{self.agent.name}-limits@1"
        if body is None:
            return refuse(own, "unknown_command", f"The {self.agent.name} agent does not know this yet.")
        if reason := beyond(body):
            return refuse(own, "invalid", f"{reason}.")
        ask = Ask(record.command_id, at, record.actor_id, record.actor_role, name, body)
        try:
            decision = rules.decide(ask, context)
        except Exception as error:  # a rule changes nothing, so nothing is half done
            sentence = f"This could not be decided: {type(error).__name__}: {error}"[:8_000]
            return refuse(own, FAILED, sentence)
        for fact in decision.facts:
            if reason := beyond(fact.body):
                return refuse(own, "invalid", f"{reason}.")
        return decision

    def _fire(self, rules: Rules, until: int, context: Followed, actor_id: str) -> Decision | None:
        due = rules.due()
        if due is None or due > until:
            return None
        fired = rules.fire(until, context)
        if fired is not None:
            self._apply(rules, fired.facts, actor_id)
        return fired

    def _apply(self, rules: Rules, facts: Sequence[Said], actor_id: str) -> None:
        for fact in facts:
            rules.apply(fact.name, fact.body, fact.at, actor_id)

    def intake(self, record: IntakeHeader, where: Input) -> AnswerHeader | None:
        """The answer to a batch: what was news in it, in its order, with what follows; None: a repetition."""
        if record.batch_id in self.seen:
            return None
        rules = self.hotel(record.property_id)
        facts: list[FactHeader] = []
        given: Sequence[FactHeader] = record.facts  # type: ignore[attr-defined]  # every intake has its list
        for fact in given:
            found = said(fact)
            if found is None or invalid(fact) or fact.fact_id in self.seen or not rules.news(fact):
                continue
            self.seen.add(fact.fact_id, where.at)
            rules.apply(*found, fact.occurred_at, record.actor_id)
            facts.append(fact)
            followed = list(rules.follow(fact))
            self._apply(rules, followed, record.actor_id)
            facts.extend(self._facts(fact.fact_id, followed))
        heard = f"{len(facts)} facts out of {len(given)} of {record.source_system}."
        decision = Decision(f"{self.agent.name}-intake@1", heard)
        return self._answer(record.batch_id, record, decision, facts, where)

    def read(self, record: AnswerHeader, where: Input, context: Followed) -> AnswerHeader | None:
        """The answer to another agent's answer; None: it does not count, or means nothing here."""
        if not counts(record, where.offset):
            return None
        rules = self.hotel(record.property_id)
        decision = rules.read(record, context)
        if decision is None:
            return None
        self._apply(rules, decision.facts, record.actor_id)
        cause = derived_id(record.event_id, self.agent.name)
        return self._answer(
            cause, record, decision, self._facts(cause, decision.facts), where, record.event_id
        )

    def _facts(self, source: str, facts: Sequence[Said]) -> list[FactHeader]:
        make: Any = self.agent.fact
        return [
            make(fact_id=derived_id(source, place), occurred_at=fact.at, **{fact.name: fact.body})
            for place, fact in enumerate(facts)
        ]

    def _answer(
        self,
        source: str,
        record: Record,
        decision: Decision,
        facts: list[FactHeader],
        where: Input,
        causation_id: str | None = None,
    ) -> AnswerHeader:
        head: Any = record
        make: Any = self.agent.answer
        answer: AnswerHeader = make(
            event_id=derived_id(source),
            property_id=head.property_id,
            recorded_at=where.at,
            actor_id=head.actor_id,
            actor_role=getattr(head, "actor_role", "system"),
            causation_id=causation_id or source,
            cause=Cause(topic=where.topic, partition=where.partition, offset=where.offset),
            expected=self.expected,
            verdict=decision.verdict,
            code=decision.code,
            why=Why(
                rule=decision.rule,
                sentence=decision.sentence,
                candidates=list(decision.candidates),
                context=where.vector,
            ),
            facts=facts,
        )
        self.expected += 1
        self.seen.add(source, where.at)
        return answer
