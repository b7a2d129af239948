"""One input, one answer: a partition of one agent, from inputs to answers and back to state.

No I/O. The shell gives it records with their coordinates and sends what it returns; after a crash the shell
folds the answers that are on the log, and everything is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.codec import encode_checked
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
from streams.rules.firing import culprits, due, fired
from streams.rules.intake import invalid
from streams.rules.limits import beyond
from streams.rules.seen import Seen
from streams.rules.undo import Undo, named


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


# The answer's code where a rule itself failed: the input is kept as a dead letter, too.
FAILED = "failed"
# Facts of one batch on which a rule may fail: each may cost to build the hotel's state anew, 0.8 s for
# 100,000 reservations that are over.
FAILED_AT_MOST = 10
# Answers that fail one after the other while time passes, before the hotel's deadlines are left alone.
FIRE_TRIES = 20
LONGEST_SENTENCE = 8_000
# Kafka takes records of 4 MiB, and needs some of it for its own.
MOST_BYTES = 4 * 1024 * 1024 - 4096


class NewerThanAgent(RuntimeError):
    """An answer of this agent holds a fact this program does not know: only a newer program may go on."""


class TooLarge(ValueError):
    """An answer that Kafka would not take."""


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

    `reflects`: the first fact that a hotel does not hold yet, where a snapshot says so. `failed`: what of the
    last input a rule failed on, for a dead letter. `value`: the last answer as it is to be written. `aside`,
    `still`: hotels of which some deadlines, or all, can't be fired.
    """

    agent: Agent
    expected: int = 0
    next: dict[str, int] = field(default_factory=dict)
    hotels: dict[str, Rules] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    reflects: dict[str, int] = field(default_factory=dict)
    failed: str = ""
    value: bytes = b""
    aside: set[str] = field(default_factory=set)
    still: set[str] = field(default_factory=set)

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
            if _outside(fact):
                self.seen.add(fact.fact_id, answer.recorded_at)

    def command(self, record: CommandHeader, where: Input, context: Followed) -> AnswerHeader | None:
        """The answer to a command; None: it was answered before, or is a tick that woke nobody."""
        self.failed = ""
        if record.command_id in self.seen:
            return None
        name, body = said(record) or ("", None)
        fired, time = self._fire(record, where.at, context)
        passed = fired.facts if fired else ()
        step = Undo()
        if isinstance(body, Tick):
            if fired is None and not self.failed:
                return None
            decision, facts = fired or self._no(), passed
        else:
            decision = self._decide(record, where.at, name, body, context, step)
            facts = (*passed, *decision.facts)
        source = record.command_id
        try:
            return self._answer(source, record, decision, self._facts(source, facts), where)
        except Exception as error:  # it can't be written: then without what was decided
            self._undo(record.property_id, step, f"the answer: {_told(error)}")
        try:
            return self._answer(source, record, self._no(), self._facts(source, passed), where)
        except Exception:  # nor can what time made true
            self._undo(record.property_id, time, "no deadline of this hotel is fired until the next start")
            self.still.add(record.property_id)
        return self._answer(source, record, self._no(), [], where)

    def _decide(
        self,
        record: CommandHeader,
        at: int,
        name: str,
        body: Record | None,
        context: Followed,
        step: Undo,
    ) -> Decision:
        """What the rules say, folded. Whatever is wrong with a command, its answer is a no, and no trace."""
        own = f"{self.agent.name}-limits@1"
        if body is None:
            return refuse(own, "unknown_command", f"The {self.agent.name} agent does not know this yet.")
        if reason := beyond(body):
            return refuse(own, "invalid", f"{reason}.")
        ask = Ask(record.command_id, at, record.actor_id, record.actor_role, name, body)
        try:
            decision = self.hotel(record.property_id).decide(ask, context)
            for fact in decision.facts:
                if reason := beyond(fact.body):
                    return refuse(own, "invalid", f"{reason}.")
            self._apply(record.property_id, decision.facts, record.actor_id, step)
        except Exception as error:  # a rule is wrong, not the log: the next program may do better
            self._undo(record.property_id, step, f"the command: {_told(error)}")
            return self._no()
        return decision

    def _fire(self, record: CommandHeader, until: int, context: Followed) -> tuple[Decision | None, Undo]:
        """What time made true, folded. A deadline that can't be fired is set aside, and stops no other."""
        property_id = record.property_id
        for _ in range(FIRE_TRIES):
            if property_id in self.still:
                break
            rules, undo = self.hotel(property_id), Undo()
            fact: Said | None = None
            try:
                decision = fired(rules, until, context)
                for fact in decision.facts if decision else ():
                    if reason := beyond(fact.body):
                        raise ValueError(reason)
                    self._apply(property_id, (fact,), record.actor_id, undo)
                return decision, undo
            except Exception as error:
                self._undo(property_id, undo)
                wrong = culprits(rules, until, context) if fact is None else frozenset(named(fact.body))
                self._set_aside(property_id, wrong, _told(error))
        else:
            self.still.add(property_id)
        return None, Undo()

    def _set_aside(self, property_id: str, wrong: frozenset[str], why: str) -> None:
        """The deadlines of these entities are no more, until a fact changes them."""
        rules = self.hotel(property_id)
        own = wrong & {one for found in rules.entities().values() for one in found}
        if not own:
            self._fail(f"no deadline of this hotel is fired until the next start: {why}")
            self.still.add(property_id)
            return
        rules.aside |= own
        self.aside.add(property_id)
        self._fail(f"the deadlines of {', '.join(sorted(own)[:20])} ({len(own)}): {why}")

    def due(self, property_id: str) -> int | None:
        """The hotel's earliest deadline (ms), None without one."""
        return None if property_id in self.still else due(self.hotel(property_id))

    def _apply(self, property_id: str, facts: Sequence[Said], actor_id: str, undo: Undo) -> None:
        rules = self.hotel(property_id)
        for fact in facts:
            undo.before(rules, fact.body)
            rules.apply(fact.name, fact.body, fact.at, actor_id)
            if property_id in self.aside:
                rules.aside = rules.aside.difference(named(fact.body))

    def _undo(self, property_id: str, undo: Undo, why: str = "") -> None:
        self.hotels[property_id] = undo.undone(self.hotel(property_id))
        self._fail(why)

    def _fail(self, why: str) -> None:
        self.failed = "; ".join(one for one in (self.failed, why) if one)

    def _no(self) -> Decision:
        return refuse(f"{self.agent.name}-limits@1", FAILED, f"This could not be decided: {self.failed}")

    def intake(self, record: IntakeHeader, where: Input) -> AnswerHeader | None:
        """The answer to a batch: what was news in it, in its order, with what follows; None: a repetition."""
        self.failed = ""
        if record.batch_id in self.seen:
            return None
        given: Sequence[FactHeader] = record.facts  # type: ignore[attr-defined]  # every intake has its list
        facts: list[FactHeader] = []
        heard: set[str] = set()
        reasons: list[str] = []
        failed, whole = 0, Undo()
        for number, fact in enumerate(given):
            undo = Undo()
            try:
                if reason := invalid(fact):
                    reasons.append(f"fact {number} ({fact.fact_id}): {reason}")
                elif fact.fact_id not in heard and fact.fact_id not in self.seen:
                    news = self._hear(record, fact, undo)
                    facts += news
                    heard |= {fact.fact_id} if news and _outside(fact) else set()
                    whole.later(undo)
            except Exception as error:
                self._undo(record.property_id, undo)
                reasons.append(f"fact {number} ({fact.fact_id}): {_told(error)}")
                failed += 1
                if failed == FAILED_AT_MOST:
                    reasons.append(f"too many fail: none from fact {number + 1} on was looked at")
                    break
        if reasons:
            self.failed = f"{len(reasons)} of {len(given)} facts not taken: {'; '.join(reasons)}"
        sentence = f"{len(facts)} facts out of {len(given)} of {record.source_system}."
        decision = Decision(f"{self.agent.name}-intake@1", sentence)
        try:
            answer = self._answer(record.batch_id, record, decision, facts, where)
        except Exception as error:  # it can't be written
            self._undo(record.property_id, whole)
            self.failed = f"no fact of {len(given)} taken: {_told(error)}"
            return self._answer(record.batch_id, record, self._no(), [], where)
        for one in heard:
            self.seen.add(one, where.at)
        return answer

    def _hear(self, record: IntakeHeader, fact: FactHeader, undo: Undo) -> list[FactHeader]:
        """A fact and what follows from it, folded; nothing where it is no news."""
        rules, found = self.hotel(record.property_id), said(fact)
        if found is None or not rules.news(fact):
            return []
        self._apply(record.property_id, (Said(*found, fact.occurred_at),), record.actor_id, undo)
        followed = list(rules.follow(fact))
        self._apply(record.property_id, followed, record.actor_id, undo)
        return [fact, *self._facts(fact.fact_id, followed)]

    def read(self, record: AnswerHeader, where: Input, context: Followed) -> AnswerHeader | None:
        """The answer to another agent's answer; None: it does not count, or means nothing here."""
        self.failed = ""
        if not counts(record, where.offset):
            return None
        undo = Undo()
        try:
            decision = self.hotel(record.property_id).read(record, context)
            if decision is None:
                return None
            self._apply(record.property_id, decision.facts, record.actor_id, undo)
            cause = derived_id(record.event_id, self.agent.name)
            facts = self._facts(cause, decision.facts)
            return self._answer(cause, record, decision, facts, where, record.event_id)
        except Exception as error:  # who asked for the other agent's answer need not hear of it
            self._undo(record.property_id, undo, f"this answer: {_told(error)}")
            return None

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
                sentence=decision.sentence[:LONGEST_SENTENCE],
                candidates=list(decision.candidates),
                context=where.vector,
            ),
            facts=facts,
        )
        self.value = _written(answer)
        self.expected += 1
        self.seen.add(source, where.at)
        return answer


def _written(answer: AnswerHeader) -> bytes:
    """The answer as bytes. Raises where nobody could read it back, which would end every later start."""
    value = encode_checked(answer)
    if len(value) > MOST_BYTES:
        raise TooLarge(f"the answer would be {len(value):,} bytes, more than {MOST_BYTES:,}")
    return value


def _outside(fact: FactHeader) -> bool:
    """Whether another system says so: it may say it again. The fold must know it, too."""
    return bool(fact.source_event_id) or fact.source_system != "concierge"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
