"""A fact changes only what it names, and taking it back leaves rules that are as if it had never been."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import said
from streams.agents import catalogue
from streams.rules.deciding import Rules
from streams.rules.undo import Undo
from tests.streams.rules.test_marking import FACTS


def _folded(rules: Rules, facts: list[Any], undo: Undo | None = None) -> Rules:
    for fact in facts:
        found = said(fact)
        assert found is not None
        if undo is not None:
            undo.before(rules, found[1])
        rules.apply(*found, fact.occurred_at, "ann")
    return rules


def _state(rules: Rules) -> tuple[Any, ...]:
    return {k: dict(v) for k, v in rules.entities().items() if v}, rules.due()


@pytest.mark.parametrize("name", catalogue.DECIDERS)
@given(data=st.data())
@settings(deadline=None)
def test_taken_back_it_is_as_if_it_had_never_been(name: str, data: st.DataObject) -> None:
    make = catalogue.decider(name).rules
    facts = data.draw(FACTS[name])
    until = data.draw(st.integers(0, len(facts)))
    before = _folded(make(), facts[:until])
    undo = Undo()
    after = _folded(_folded(make(), facts[:until]), facts[until:], undo)
    again = undo.undone(after)
    assert _state(again) == _state(before)
    assert _state(_folded(again, facts[until:])) == _state(_folded(before, facts[until:]))


@pytest.mark.parametrize("name", catalogue.DECIDERS)
@given(data=st.data())
@settings(deadline=None)
def test_two_parts_are_taken_back_together(name: str, data: st.DataObject) -> None:
    rules = catalogue.decider(name).rules()
    whole = Undo()
    for fact in data.draw(FACTS[name]):
        undo = Undo()
        _folded(rules, [fact], undo)
        whole.later(undo)
    assert _state(whole.undone(rules)) == _state(catalogue.decider(name).rules())


def test_where_nothing_was_folded_the_rules_stay() -> None:
    rules = catalogue.decider("rooms").rules()
    assert Undo().undone(rules) is rules
