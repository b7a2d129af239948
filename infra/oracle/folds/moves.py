"""Whether somebody stays, from every word on their coming and going, whenever it was heard. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import FactHeader

MOVES = said.CheckedIn | said.CheckedOut | said.CheckInReversed | said.CheckOutReversed


@dataclass
class Moves:
    """All words of one reservation: (when, what), in any order."""

    words: list[tuple[int, type[Record]]] = field(default_factory=list)

    def take(self, fact: FactHeader, body: Record) -> None:
        """One more."""
        self.words.append((fact.occurred_at, type(body)))

    def stands(self) -> Literal["in_house", "checked_out"] | None:
        """What of it is not taken back: a reversed check-in takes the check-outs before it along."""
        reversed_in = [at for at, what in self.words if what is said.CheckInReversed]
        reversed_out = reversed_in + [at for at, what in self.words if what is said.CheckOutReversed]
        if any(what is said.CheckedOut and all(at > one for one in reversed_out) for at, what in self.words):
            return "checked_out"
        if any(what is said.CheckedIn and all(at > one for one in reversed_in) for at, what in self.words):
            return "in_house"
        return None
