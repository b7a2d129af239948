"""The heap of things to come."""

from __future__ import annotations

import datetime

from infra.simulator import layout
from infra.simulator.step import MANAGER
from infra.simulator.world import World


def _world() -> World:
    return World(layout.hotel(0, 3), 1, datetime.date(2026, 3, 1))


def test_things_happen_in_their_time_and_equal_times_in_order() -> None:
    world = _world()
    for at, name in ((5.0, "late"), (1.0, "first"), (1.0, "second")):
        world.say_later(at, MANAGER, name, {})
    assert [(step.at, step.command) for step in world.run()] == [
        (1.0, "first"),
        (1.0, "second"),
        (5.0, "late"),
    ]


def test_a_run_stops_before_its_end_and_goes_on() -> None:
    world = _world()
    for at in (1.0, 2.0, 3.0):
        world.say_later(at, MANAGER, "x", {})
    assert [step.at for step in world.run(until=2.0)] == [1.0]
    assert [step.at for step in world.run()] == [2.0, 3.0]


def test_the_date_follows_the_second() -> None:
    world = _world()
    assert world.date(86_399) == datetime.date(2026, 3, 1)
    assert world.date(86_400) == datetime.date(2026, 3, 2)
