"""What a client has heard already: each event once, and of each entity how new it is."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, TypeVar

# Copies of an event come on other channels within moments, or replayed after a drop.
KEPT_IDS = 20_000
KEPT_VERSIONS = 50_000
V = TypeVar("V")
_ENTITIES = {"rooms": "room", "requests": "request", "alerts": "alert"}


class Heard:
    """Ids of events and versions of entities, the newest of each; older ones are forgotten."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._versions: OrderedDict[tuple[str, str], int] = OrderedDict()

    def first(self, event_type: str, event_id: str) -> bool:
        """Whether this event comes for the first time; from here on it does not."""
        return _kept(self._seen, (event_type, event_id), None, KEPT_IDS)

    def learn(self, snapshot: dict[str, Any]) -> None:
        """The versions of a snapshot's entities."""
        for noun, kind in _ENTITIES.items():
            for entity in snapshot.get(noun) or ():
                self.stale({kind: entity, "version": entity.get("version")})

    def stale(self, d: dict[str, Any]) -> bool:
        """Whether `d` is older than what is known of its entity; else it is what is known from here on."""
        version = d.get("version")
        kind = next((kind for kind in _ENTITIES.values() if d.get(kind)), None)
        if not isinstance(version, int) or kind is None:
            return False
        about = (kind, str(d[kind].get(f"{kind}_id")))
        if version < self._versions.get(about, version):
            return True
        self._versions.pop(about, None)
        _kept(self._versions, about, version, KEPT_VERSIONS)
        return False


def _kept(held: OrderedDict[tuple[str, str], V], key: tuple[str, str], value: V, most: int) -> bool:
    """Keeps a pair, forgetting the oldest beyond `most`; False where it is there already."""
    if key in held:
        return False
    held[key] = value
    if len(held) > most:
        held.popitem(last=False)
    return True
