"""A simulated day is believable, and the same for the same seed."""

from __future__ import annotations

import datetime
from collections import Counter
from itertools import pairwise

import pytest

from infra.simulator import day, layout
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.step import Step

FIRST_DAY = datetime.date(2026, 3, 1)


def _steps(seed: int, days: int = 2, rooms: int = 60) -> list[Step]:
    hotel = layout.hotel(0, rooms)
    return list(day.world(hotel, seed, FIRST_DAY).run(until=days * DAY_S + 7 * HOUR_S))


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return _steps(42)


def test_the_same_seed_makes_the_same_day_and_another_seed_another(steps: list[Step]) -> None:
    assert steps == _steps(42)
    assert [s.command for s in steps] != [s.command for s in _steps(43)]


def test_everything_a_hotel_does_happens(steps: list[Step]) -> None:
    seen = Counter(step.command for step in steps)
    for command in (
        "rooms.facts",
        "rooms.check_in",
        "rooms.check_out",
        "rooms.set_room_status",
        "rooms.post_charge",
        "rooms.run_night_audit",
        "staff.start_shift",
        "staff.end_shift",
        "services.request",
        "services.accept",
        "services.complete",
        "services.rate",
        "chat.open",
        "chat.send",
        "alerts.announce",
    ):
        assert seen[command], command
    assert seen["rooms.run_night_audit"] == 2
    assert seen["services.complete"] <= seen["services.accept"] <= seen["services.request"]


def test_ids_are_unique_and_each_request_is_known_before_it_is_worked_on(steps: list[Step]) -> None:
    assert len({step.id for step in steps}) == len(steps)
    known: set[str] = set()
    for step in steps:
        if step.command == "services.request":
            known.add(step.id)
        elif step.command.startswith("services."):
            assert step.body["request_id"] in known


def test_nobody_moves_into_an_occupied_or_dirty_room() -> None:
    for seed in range(5):
        occupied: set[str] = set()
        room_of: dict[str, str] = {}
        for step in _steps(seed):
            if step.command == "rooms.facts":
                for fact in step.body["facts"]:
                    if came := fact.get("checked_in"):
                        assert came["room_id"] not in occupied
                        occupied.add(came["room_id"])
                    if made := fact.get("reservation_made"):
                        room_of[made["reservation_id"]] = made["room_id"]
            elif step.command == "rooms.check_in":
                assert step.body["room_id"] not in occupied
                occupied.add(step.body["room_id"])
            elif step.command == "rooms.check_out":
                occupied.remove(room_of[step.body["reservation_id"]])


def test_business_dates_close_one_after_the_other(steps: list[Step]) -> None:
    closed = [
        datetime.date.fromisoformat(s.body["close"]) for s in steps if s.command == "rooms.run_night_audit"
    ]
    assert all(later - earlier == datetime.timedelta(days=1) for earlier, later in pairwise(closed))
