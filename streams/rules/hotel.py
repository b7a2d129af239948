"""One hotel's state: the entity records of one agent, which the fold of its answers makes."""

from __future__ import annotations

from typing import TypeVar

from schemas.record import Record

R = TypeVar("R", bound=Record)
Key = tuple[str, str]


class Hotel:
    """Entities by (kind, id); `kind` is the field's name in the agent's entity record.

    `offset` is the offset of the answer being applied; the shell sets it. An entity that came from
    `.state` already reflects facts up to its own offset, so `put` leaves it alone until that is passed.
    """

    __slots__ = ("_tables", "changed", "loaded", "offset", "offsets", "property_id")

    def __init__(self, property_id: str) -> None:
        self.property_id = property_id
        self.offset = -1
        self._tables: dict[str, dict[str, Record]] = {}
        self.offsets: dict[Key, int] = {}
        self.loaded: dict[Key, int] = {}
        self.changed: set[Key] = set()

    def table(self, kind: str, record: type[R]) -> dict[str, R]:
        """All entities of a kind by id; not to be changed."""
        return self._tables.get(kind) or {}  # type: ignore[return-value]  # one record type a kind, by put

    def get(self, kind: str, id: str, record: type[R]) -> R | None:
        """One entity, or None."""
        found = self._tables.get(kind, {}).get(id)
        return found if isinstance(found, record) else None

    def put(self, kind: str, id: str, entity: Record | None) -> None:
        """The entity after the fact being applied; None forgets it."""
        key = (kind, id)
        if self.loaded and self.loaded.get(key, -1) >= self.offset:
            return
        table = self._tables.setdefault(kind, {})
        if entity is None:
            table.pop(id, None)
        else:
            table[id] = entity
        self.offsets[key] = self.offset
        self.changed.add(key)

    def load(self, kind: str, id: str, entity: Record, offset: int) -> None:
        """An entity as `.state` has it, reflecting the facts up to `offset`."""
        self._tables.setdefault(kind, {})[id] = entity
        self.offsets[(kind, id)] = self.loaded[(kind, id)] = offset

    def entities(self) -> list[Key]:
        """Every (kind, id) there is."""
        return [(kind, id) for kind, table in self._tables.items() for id in table]
