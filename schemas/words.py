"""What was said of one thing, in the order of time: its state is the fold of it, whenever each was heard."""

from __future__ import annotations

from bisect import insort
from typing import Any, TypeVar

import msgspec

from schemas.facts import said
from schemas.records.base import FactHeader

F = TypeVar("F", bound=FactHeader)


def added(known: list[F], fact: F) -> list[F]:
    """The words with one more; at the same millisecond by kind, as the record lists them, then by content."""
    if not known or fact.occurred_at > known[-1].occurred_at:
        return [*known, fact]
    words = list(known)
    insort(words, fact, key=_place)
    return words


def holds(known: list[F], fact: F) -> bool:
    """Whether the very same was said already."""
    return any(_place(one) == _place(fact) for one in known)


def _place(fact: FactHeader) -> tuple[int, int, Any]:
    found = said(fact)
    if found is None:
        return fact.occurred_at, -1, b""
    names = type(fact).__struct_fields__
    return fact.occurred_at, names.index(found[0]), msgspec.json.encode(found[1])
