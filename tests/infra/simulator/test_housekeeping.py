"""Who cleans what, and when."""

from __future__ import annotations

import datetime

from infra.simulator import day, layout
from infra.simulator.curves import DAY_S, HOUR_S


def test_a_departed_room_is_cleaned_and_inspected_by_housekeeping_the_same_day() -> None:
    hotel = layout.hotel(0, 60)
    steps = list(day.world(hotel, 5, datetime.date(2026, 3, 1)).run(until=23 * HOUR_S))
    cleaned = {s.body["room_id"]: s for s in steps if s.body.get("value") == "clean"}
    inspected = {s.body["room_id"] for s in steps if s.body.get("value") == "inspected"}
    room_of = {
        fact["checked_in"]["reservation_id"]: fact["checked_in"]["room_id"]
        for step in steps
        if step.command == "rooms.facts"
        for fact in step.body["facts"]
        if "checked_in" in fact
    }
    left = [s for s in steps if s.command == "rooms.check_out" and s.at < 12 * HOUR_S]
    assert len(left) > 5
    for step in left:
        room_id = room_of[step.body["reservation_id"]]
        assert cleaned[room_id].at > step.at + 25 * 60
        assert cleaned[room_id].actor.departments == ("housekeeping",)
        assert room_id in inspected


def test_nobody_is_cleaned_behind_a_sign() -> None:
    hotel = layout.hotel(0, 100)
    out: set[str] = set()
    signs = 0
    for step in day.world(hotel, 5, datetime.date(2026, 3, 1)).run(until=4 * DAY_S):
        if step.body.get("dimension") == "guest_service":
            (out.add if step.body["value"] != "none" else out.discard)(step.body["room_id"])
            signs += 1
    assert signs > 10
    assert len(out) < 20
