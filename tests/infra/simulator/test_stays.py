"""Who comes and who goes."""

from __future__ import annotations

import datetime

from infra.simulator import day, layout
from infra.simulator.curves import DAY_S


def test_every_reservation_has_one_end() -> None:
    """Made once; then at most one of: in the house, cancelled, never seen. Out only after in."""
    hotel = layout.hotel(0, 80)
    state: dict[str, str] = {}
    for step in day.world(hotel, 9, datetime.date(2026, 3, 1)).run(until=10 * DAY_S):
        if step.command == "rooms.facts":
            for fact in step.body["facts"]:
                for name, before in (
                    ("reservation_made", None),
                    ("checked_in", "reservation_made"),
                    ("reservation_cancelled", "reservation_made"),
                    ("reservation_no_show", "reservation_made"),
                ):
                    if body := fact.get(name):
                        assert state.get(body["reservation_id"]) == before
                        state[body["reservation_id"]] = name
        elif step.command == "rooms.reverse_check_in":
            assert state[step.body["reservation_id"]] == "checked_in"
            state[step.body["reservation_id"]] = "reservation_made"
        elif step.command == "rooms.check_in":
            assert state[step.body["reservation_id"]] == "reservation_made"
            state[step.body["reservation_id"]] = "checked_in"
        elif step.command == "rooms.check_out":
            assert state.pop(step.body["reservation_id"]) == "checked_in"
    assert len(state) < 200
