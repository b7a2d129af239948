"""Who is on duty."""

from __future__ import annotations

import datetime
from collections import Counter

from infra.simulator import day, layout
from infra.simulator.curves import DAY_S


def test_breaks_lie_inside_shifts_and_leave_somebody_there() -> None:
    hotel = layout.hotel(0, 60)
    world = day.world(hotel, 5, datetime.date(2026, 3, 1))
    on: Counter[str] = Counter()
    breaks = 0
    for step in world.run(until=3 * DAY_S):
        agent, _, command = step.command.partition(".")
        if agent != "staff":
            continue
        staff_id, department = step.body["staff_id"], step.actor.departments[0]
        if command in ("start_shift", "end_break"):
            on[department] += 1
        else:
            on[department] -= 1
        breaks += command == "start_break"
        assert staff_id == step.actor.user_id
        assert command != "start_break" or on[department] > 0
    assert breaks
