"""A folder and its plain fold over the same facts, said alike after each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra.oracle.snapshots import Plain
from schemas.facts import said
from schemas.records.base import FactHeader
from schemas.records.folds import FoldHeader
from streams.rules.folding import Fold

HEAD = ("property_id", "kind", "id", "vector", "as_of")


def assert_alike(fold: Fold, plain: Plain, facts: Sequence[FactHeader], as_of: int = 100) -> dict[str, Any]:
    """Every value that the folder wrote last is what is counted from all facts, and none is missing."""
    lies: dict[str, FoldHeader] = {}
    for fact in facts:
        found = said(fact)
        assert found is not None
        fold.apply("", fact, found[1])
        plain.take(fact, found[1])
        lies |= {one.id: one for one in fold.snapshot({}, as_of)}
    values = plain.values(as_of)
    held = {
        own: {name: getattr(one, name) for name in one.__struct_fields__ if name not in HEAD}
        for own, one in lies.items()
    }
    if facts:
        assert {own: one for own, one in values.items() if own in held} == held
        assert not [own for own, one in values.items() if own not in held and any(one.values())]
    return values
