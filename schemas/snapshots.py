"""What every reader of a `.state` topic needs: what lies there, and what of it the last mark vouches for.

A snapshot is written in pieces, its mark last, so a kill leaves entities of a younger moment behind an older
mark. They do not count: what a fact does to one entity may hang on another of its hotel, so entities of
different moments cannot be folded on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from schemas.codec import Undecodable, decode
from schemas.record import Record
from schemas.records.base import EntityHeader, StateMark
from schemas.topics import Topic, entity_key

# The hotel of what belongs to the whole partition.
PARTITION = "*"

Entities = dict[str, dict[str, dict[str, Any]]]
"""hotel -> kind -> id -> the entity; None: something lies there that is none."""


@dataclass(slots=True)
class Snapshot:
    """One partition of a `.state` topic, read from its start. `end`: the offset its next record will get."""

    topic: Topic
    mark: StateMark | None = None
    end: int = 0
    _marked: Entities = field(default_factory=dict)
    _after: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def take(self, offset: int, key: bytes | None, value: bytes | None) -> str:
        """Take the record at `offset`. Why it can't be read, "" if it can: the mark does without it."""
        self.end = offset + 1
        try:
            found = None if value is None else decode(value, self.topic)
            reason = ""
        except Undecodable as error:
            found, reason = None, str(error)
        self._take(offset, key, found, gone=value is None)
        return reason

    def _take(self, offset: int, key: bytes | None, found: Record | None, *, gone: bool) -> None:
        if isinstance(found, StateMark):
            # Anywhere but where it must lie somebody else wrote meanwhile: it vouches for nothing.
            if found.expected == offset:
                self.mark = found
                _put(self._marked, self._after)
                self._after.clear()
            return
        place = (key or b"").decode(errors="replace").split("/", 2)
        if len(place) != 3:
            return
        body = _GONE if gone else None
        if isinstance(found, EntityHeader) and entity_key(found.property_id, found.kind, found.id) == key:
            body = getattr(found, found.kind, None)
        self._after[place[0], place[1], place[2]] = body

    def unfit(self, program: str, begin: int, end: int) -> str:
        """Why the mark is no place to go on from, "" if it is one. `begin`, `end`: of the fact topic."""
        mark = self.mark
        if mark is None:
            return "no mark"
        if mark.program != program:
            return "another program's mark"
        if not begin <= mark.facts_end <= end:
            return f"the facts are {begin} to {end}, the mark says {mark.facts_end}"
        if (count := entities(self._marked)) != mark.entities:
            return f"{count} entities before a mark of {mark.entities}"
        return ""

    def marked(self) -> Entities:
        """Every entity as the last mark vouches for it."""
        return self._marked

    def lying(self) -> Entities:
        """What a mark that is written next would vouch for, if nothing came before it. Ends this reading."""
        _put(self._marked, self._after)
        return self._marked


class _Gone:
    """A tombstone."""


_GONE = _Gone()


def entities(found: Entities) -> int:
    """How many there are; what is none does not count."""
    bodies = (body for kinds in found.values() for own in kinds.values() for body in own.values())
    return sum(body is not None for body in bodies)


def _put(into: Entities, news: dict[tuple[str, str, str], Any]) -> None:
    for (property_id, kind, own), body in news.items():
        held = into.setdefault(property_id, {}).setdefault(kind, {})
        if body is _GONE:
            held.pop(own, None)
        else:
            held[own] = body
