"""The dead letters of the log: one for each id, with what became of it last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode_as
from schemas.records.operations import DeadLetter
from schemas.topics import DEAD_LETTERS

# So much of an id names a letter where no other begins alike.
SHORT = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters: by id or its beginning, or by all else that is given. `closed`: those, too."""

    ids: tuple[str, ...] = ()
    property_id: str = ""
    topic: str = ""
    found_by: str = ""
    closed: bool = False

    def takes(self, letter: DeadLetter) -> bool:
        if self.ids:
            return any(letter.event_id.startswith(one) for one in self.ids)
        return (
            self.property_id in ("", letter.property_id)
            and self.topic in ("", letter.topic)
            and self.found_by in ("", letter.found_by)
            and (self.closed or not letter.outcome)
        )


def latest(said: Iterable[DeadLetter]) -> dict[str, DeadLetter]:
    """One letter for each id, in the order they were first found: bytes of the finder, all else said last."""
    found: dict[str, DeadLetter] = {}
    for letter in said:
        known = found.get(letter.event_id)
        if known is not None and letter.outcome:
            letter = msgspec.structs.replace(known, outcome=letter.outcome)
        found[letter.event_id] = letter
    return found


async def read(settings: Settings, wanted: Wanted) -> list[DeadLetter]:
    """The letters that are wanted, oldest first. Problem where an id names none, or several."""
    said: list[tuple[int, DeadLetter]] = []
    async with kafka.reader(settings) as consumer:
        async for record in kafka.read_to_end(consumer, kafka.partitions_of(settings, DEAD_LETTERS)):
            try:
                said.append((record.timestamp, decode_as(record.value, DEAD_LETTERS, DeadLetter)))
            except Undecodable:  # it has a letter of its own, by the sink
                continue
    said.sort(key=lambda one: one[0])
    found = [one for one in latest(letter for _, letter in said).values() if wanted.takes(one)]
    for one in wanted.ids:
        named = [letter for letter in found if letter.event_id.startswith(one)]
        if len(named) != 1:
            what = "no dead letter" if not named else f"{len(named)} dead letters"
            raise Problem(f"{one!r} names {what}: `concierge dead list --closed` shows them.")
    return found
