"""What a hotel held before an input, so that an input that fails leaves no trace.

A fact changes only entities whose ids it names, and entities are frozen records that a fold replaces. So what
a fact may change is looked up before it is folded, a few look-ups a fact, and nothing else has to be copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from schemas.record import Record
from streams.rules.deciding import Rules


def named(body: Record) -> list[str]:
    """Every id this body names."""
    return [value for name in _id_fields(type(body)) if isinstance(value := getattr(body, name), str)]


@cache
def _id_fields(record: type[Record]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(record) if field.name.endswith("_id"))


@dataclass(slots=True)
class Undo:
    """Entities of one hotel as they were, by kind and id; None: there was none."""

    held: dict[tuple[str, str], Any] = field(default_factory=dict)

    def before(self, rules: Rules, body: Record) -> None:
        """Remember what folding this body may change. A kind's own name is the id where there is only one."""
        own = named(body)
        for kind, found in rules.entities().items():
            for one in (*own, kind):
                if (kind, one) not in self.held:
                    self.held[kind, one] = found.get(one)

    def later(self, other: Undo) -> None:
        """Take what another one remembers of the time after this."""
        for place, held in other.held.items():
            self.held.setdefault(place, held)

    def undone(self, rules: Rules) -> Rules:
        """Rules as before: new ones where anything may have changed, for what follows from it did, too."""
        if not self.held:
            return rules
        kinds = {kind: dict(found) for kind, found in rules.entities().items()}
        for (kind, one), held in self.held.items():
            if held is None:
                kinds[kind].pop(one, None)
            else:
                kinds[kind][one] = held
        fresh = type(rules)()
        fresh.restore(kinds)
        fresh.aside = rules.aside
        return fresh
