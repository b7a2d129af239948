"""What a rule says: the decision, the facts it makes, and what it cannot even consider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemas.record import Record
from schemas.records.base import Candidate, FactHeader, Verdict, Why

if TYPE_CHECKING:
    from streams.rules.hotel import Hotel
    from streams.rules.surroundings import Surroundings


class Invalid(ValueError):
    """This fact of an intake batch makes no sense whatever the state: a dead letter, and its text says why."""


@dataclass(frozen=True, slots=True)
class New:
    """A fact that becomes true. `at` None: at the input's broker time. `fact_id` "": input's id and place."""

    body: Record
    at: int | None = None
    fact_id: str = ""


Said = New | FactHeader


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one input. A refusal has a `code` for programs, a sentence for people, no facts."""

    verdict: Verdict
    why: Why
    code: str = ""
    facts: Sequence[Said] = field(default_factory=list)


def accepted(
    rule: str, sentence: str, *bodies: Record, candidates: Sequence[Candidate] = (), code: str = ""
) -> Decision:
    """Yes, and these facts become true now, in this order."""
    why = Why(rule=rule, sentence=sentence, candidates=list(candidates))
    return Decision("accepted", why, code, [New(body) for body in bodies])


def refused(rule: str, code: str, sentence: str) -> Decision:
    """No; `sentence` is what a person would say."""
    return Decision("refused", Why(rule=rule, sentence=sentence), code)


class Rules:
    """The rules of one decider, pure. Subclasses say what is theirs; the rest stays as here.

    `hotel` is one hotel's state, changed by `apply` only. `at` is broker time, Millis.
    """

    def apply(self, hotel: Hotel, fact: FactHeader, body: Record, said_by: str) -> None:
        """Fold one fact into the entities it touches, each from itself and the fact alone.

        Reading another entity would break recovery, where entities reflect different offsets.
        `said_by`: the actor of the answer that holds the fact.
        """
        raise NotImplementedError

    def decide(self, hotel: Hotel, command: Record, at: int, around: Surroundings) -> Decision:
        """One command. Never raises for what a person may send."""
        raise NotImplementedError

    def admit(self, hotel: Hotel, fact: FactHeader, around: Surroundings) -> Sequence[Said]:
        """One fact of an intake batch: itself and what follows, or nothing if it was said before.

        Raises Invalid.
        """
        raise Invalid(f"{type(fact).__name__}: this agent takes no intake")

    def react(
        self, hotel: Hotel, topic: str, answer: Record, at: int, around: Surroundings
    ) -> Decision | None:
        """One answer of another agent, read as input; None: nothing to say, and nothing is written."""
        return None

    def settle(self, hotel: Hotel, touched: set[tuple[str, str]], at: int) -> Sequence[New]:
        """What follows once an input's facts are applied; `touched`: (kind, id) of the entities changed."""
        return ()

    def deadline(self, hotel: Hotel, around: Surroundings) -> int | None:
        """When something is due next without anybody's command, Millis; 0: at once; None: nothing."""
        return None

    def fire(self, hotel: Hotel, until: int, around: Surroundings, limit: int) -> Decision | None:
        """At most `limit` facts of what is due up to `until`, earliest first; None: nothing is due."""
        return None
