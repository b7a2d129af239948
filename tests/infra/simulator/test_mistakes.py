"""What is taken back was said, and is said again where it was only too soon."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from infra.simulator import layout, mistakes
from infra.simulator.step import MANAGER, Step
from infra.simulator.world import Stay, World

STAY = Stay("R", "guest", "101", datetime.date(2026, 3, 2))


def steps(monkeypatch: pytest.MonkeyPatch, wrong: float, act: Any) -> list[Step]:
    monkeypatch.setattr(mistakes, "TOO_SOON", wrong)
    monkeypatch.setattr(mistakes, "NOT_TAKEN", wrong)
    house = World(layout.hotel(0, 10), 1, datetime.date(2026, 3, 1))
    house.later(100, lambda at: act(house, MANAGER, STAY, at))
    return list(house.run())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(0.0, ["rooms.check_in"]), (1.0, ["rooms.check_in", "rooms.reverse_check_in", "rooms.check_in"])],
)
def test_who_was_checked_in_too_soon_comes_after_all(
    monkeypatch: pytest.MonkeyPatch, wrong: float, said: list[str]
) -> None:
    found = steps(monkeypatch, wrong, mistakes.check_in)
    assert [step.command for step in found] == said
    assert {step.body["reservation_id"] for step in found} == {"R"}


def test_a_minibar_is_voided_by_its_own_id(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [step.command for step in steps(monkeypatch, 0.0, mistakes.minibar)] == ["rooms.post_charge"]
    posted, void = steps(monkeypatch, 1.0, mistakes.minibar)
    assert (void.command, void.body["charge_id"]) == ("rooms.void_charge", posted.id)
