"""Which deadlines can't be fired is found in few looks, and looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules import firing
from streams.rules.deciding import Decision

EVERY = [f"r{number}" for number in range(300)]


class Rules:
    """Deadlines at 1 of entities, some of which can't be fired."""

    def __init__(self, broken: frozenset[str], systemic: bool = False) -> None:
        self.aside: frozenset[str] = frozenset()
        self.broken = broken
        self.systemic = systemic
        self.routed_at = 0
        self.fires = 0

    def entities(self) -> dict[str, dict[str, Any]]:
        return {"request": dict.fromkeys(EVERY)}

    def due(self) -> int | None:
        return 1 if set(EVERY) - self.aside else None

    def fire(self, until: int, context: Any) -> Decision | None:
        self.routed_at = until
        if self.systemic or self.broken - self.aside:
            raise ZeroDivisionError("broken")
        return Decision("r", "fired")


@given(st.frozensets(st.sampled_from(EVERY), min_size=1, max_size=5), st.sampled_from(EVERY))
def test_those_and_no_others_are_found(broken: frozenset[str], already: str) -> None:
    rules: Any = Rules(broken | {already})
    rules.aside = frozenset({already})
    assert firing.culprits(rules, 1, None) == broken - {already}
    assert (rules.aside, rules.routed_at) == ({already}, 0)


def test_where_most_are_broken_the_search_ends_and_none_is_cleared_unseen() -> None:
    rules: Any = Rules(frozenset(EVERY[::2]))
    assert firing.culprits(rules, 1, None) > frozenset(EVERY[::2])


def test_what_is_nobodys_fault_is_nobodys() -> None:
    rules: Any = Rules(frozenset(), systemic=True)
    rules.due = lambda: 1
    assert firing.culprits(rules, 1, None) == frozenset()


def test_a_failure_leaves_the_moments_as_they_were() -> None:
    rules: Any = Rules(frozenset({"r1"}))
    with pytest.raises(ZeroDivisionError):
        firing.fired(rules, 1, None)
    assert rules.routed_at == 0
    rules.aside = frozenset({"r1"})
    assert firing.fired(rules, 0, None) is None
    assert firing.fired(rules, 1, None) == Decision("r", "fired")
    assert rules.routed_at == 1


def test_rules_that_cannot_say_when_are_due_at_once() -> None:
    rules: Any = Rules(frozenset())
    assert firing.due(rules) == 1
    rules.due = lambda: 1 // 0
    assert firing.due(rules) == 0
