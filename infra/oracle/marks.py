"""The deciders' snapshots against the log: what a start and a gateway take over from a `.state` topic.

Each mark is held against the fold of all its facts, from the log's first on. The fold is by the agents' own
rules, so this finds a snapshot that is not what they folded, not a rule that is wrong: what rules make of
facts, tables and live values say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.oracle.answers import facts_of
from infra.oracle.reading import Logged
from schemas.codec import Undecodable
from schemas.facts import counts, said
from schemas.records.base import AnswerHeader, StateMark
from schemas.snapshots import PARTITION, Snapshot
from streams.agents import catalogue
from streams.rules.answering import Agent, Partition
from streams.rules.seen import ID_BYTES

AGENTS = tuple(catalogue.decider(name) for name in catalogue.DECIDERS)
_BY_STATE = {agent.state.name: agent for agent in AGENTS}
_BY_FACTS = {agent.facts.name: agent for agent in AGENTS}
STATES = tuple(_BY_STATE)


@dataclass(slots=True)
class Held:
    """One partition: its `.state` topic, and the fold beside it. `whole`: from the first fact on."""

    agent: Agent
    snapshot: Snapshot
    part: Partition
    whole: bool = True

    def reflects(self) -> int:
        """The first fact that the mark does not hold of any hotel."""
        mark = self.snapshot.mark
        return max(mark.facts_end, *mark.hotels.values(), 0) if mark else 0


class Marks:
    """First all of the `.state` topics, then facts, each partition in order. `program`: this one."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._held: dict[tuple[str, int], Held] = {}

    def state(self, logged: Logged) -> None:
        """A record of a `.state` topic."""
        agent = _BY_STATE[logged.topic]
        place = agent.facts.name, logged.partition
        if place not in self._held:
            self._held[place] = Held(agent, Snapshot(agent.state), Partition(agent))
        self._held[place].snapshot.take(logged.offset, logged.key, logged.value)

    def end(self, topic: str, partition: int) -> int:
        """Up to which offset of a fact topic the mark reflects it."""
        held = self._held.get((topic, partition))
        return held.reflects() if held else 0

    def begin(self, topic: str, partition: int, offset: int) -> None:
        """The log's first record of this fact topic lies there: only from 0 on can anything be judged."""
        if (held := self._held.get((topic, partition))) is not None:
            held.whole = offset == 0

    def take(self, logged: Logged) -> None:
        """A record of a fact topic."""
        held = self._held.get((logged.topic, logged.partition))
        if held is None or not held.whole or (mark := held.snapshot.mark) is None:
            return
        if mark.program != self._program or logged.offset >= held.reflects():
            return
        try:
            answer = logged.record()
        except Undecodable:
            return
        if not isinstance(answer, AnswerHeader):
            return
        if logged.offset < mark.facts_end:
            held.part.fold(answer, logged.offset)
        elif counts(answer, logged.offset) and logged.offset < mark.hotels.get(answer.property_id, 0):
            for fact in facts_of(answer):
                if (found := said(fact)) is not None:
                    held.part.hotel(answer.property_id).apply(*found, fact.occurred_at, answer.actor_id)

    def count(self) -> int:
        """How many entities were looked at."""
        return sum(mark.entities for held in self._held.values() if (mark := self._judged(held)))

    def differences(self) -> Iterator[str]:
        """Sentences."""
        for (topic, partition), held in self._held.items():
            if (mark := self._judged(held)) is None:
                continue
            where = f"{held.agent.state.name}/{partition}"
            for name, at in held.part.next.items():
                if mark.next.get(name, 0) < at:
                    yield f"{where}: its mark goes on at {name} {mark.next.get(name, 0)}, {topic} says {at}"
            yield from _entities(where, held)

    def _judged(self, held: Held) -> StateMark | None:
        """The mark, where somebody would go on from it and the log holds what it reflects."""
        mark = held.snapshot.mark
        if mark is None or not held.whole or held.snapshot.unfit(self._program, 0, mark.facts_end):
            return None
        return mark


def _entities(where: str, held: Held) -> Iterator[str]:
    marked = held.snapshot.marked()
    if _ids(marked.get(PARTITION, {}).get("seen", {})) != _ids(held.part.seen.pieces()):
        yield f"{where}: the ids that were heard are not those of the log"
    wanted = {hotel: rules.entities() for hotel, rules in held.part.hotels.items()}
    for hotel in sorted((wanted.keys() | marked.keys()) - {PARTITION}):
        ours, theirs = wanted.get(hotel, {}), marked.get(hotel, {})
        for kind in sorted(ours.keys() | theirs.keys()):
            own, lying = ours.get(kind, {}), theirs.get(kind, {})
            for one in sorted(own.keys() | lying.keys()):
                if own.get(one) != lying.get(one):
                    yield f"{where}: {kind} {one} of {hotel} {_how(own.get(one), lying.get(one))}"


def _how(wanted: Any, lying: Any) -> str:
    if lying is None:
        return "is missing"
    return "is none of the log's" if wanted is None else "is not what the log says"


def _ids(pieces: dict[str, bytes]) -> set[tuple[str, bytes]]:
    return {
        (name.partition(".")[0], piece[at : at + ID_BYTES])
        for name, piece in pieces.items()
        for at in range(0, len(piece), ID_BYTES)
    }
