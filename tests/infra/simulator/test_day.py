"""A simulated day is believable, and the same for the same seed."""

from __future__ import annotations

import datetime
from collections import Counter
from itertools import pairwise

import pytest

from infra.simulator import day, layout
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.step import Step
from infra.simulator.world import Booking, Found, Stay

FIRST_DAY = datetime.date(2026, 3, 1)
# Command -> the hours in which nearly all of it happens.
HOURS = {"rooms.check_in": (9, 23), "rooms.check_out": (5, 13), "rooms.run_night_audit": (3, 4)}


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
        "staff.start_break",
        "staff.end_break",
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


def test_nobody_moves_into_an_occupied_or_dirty_room_or_one_out_of_order() -> None:
    for seed in range(5):
        occupied: dict[str, str] = {}
        dirty: set[str] = set()
        blocked: set[str] = set()
        for step in _steps(seed, days=4):
            body = step.body
            if step.command == "rooms.facts":
                for fact in body["facts"]:
                    if came := fact.get("checked_in"):
                        assert came["room_id"] not in occupied.values()
                        occupied[came["reservation_id"]] = came["room_id"]
                    if status := fact.get("room_status_changed"):
                        dirty.add(status["room_id"])
            elif step.command == "rooms.check_in":
                room_id = body["room_id"]
                assert room_id not in dirty | blocked | set(occupied.values())
                occupied[body["reservation_id"]] = room_id
            elif step.command == "rooms.reverse_check_in":
                del occupied[body["reservation_id"]]
            elif step.command == "rooms.check_out":
                dirty.add(occupied.pop(body["reservation_id"]))
            elif step.command == "rooms.set_room_status" and body["dimension"] == "housekeeping":
                dirty.discard(body["room_id"])
            elif step.command == "rooms.set_room_status" and body["dimension"] == "block":
                (blocked.discard if body["value"] == "none" else blocked.add)(body["room_id"])


def test_a_day_looks_like_a_hotel() -> None:
    steps = _steps(3, days=8, rooms=100)
    facts = [fact for step in steps if step.command == "rooms.facts" for fact in step.body["facts"]]
    seen = Counter(name for fact in facts for name in fact)
    nights = seen["charge_posted"] / (8 * 100)
    assert 0.5 < nights < 0.9
    assert 0 < seen["reservation_cancelled"] < seen["reservation_made"] * 0.15
    assert 0 < seen["reservation_no_show"] < seen["reservation_made"] * 0.1
    hours = {name: Counter(int(s.at % DAY_S // HOUR_S) for s in steps if s.command == name) for name in HOURS}
    for name, (first, last) in HOURS.items():
        inside = sum(count for hour, count in hours[name].items() if first <= hour < last)
        assert inside > 0.8 * hours[name].total(), name
    mistakes = Counter(step.command for step in steps)
    assert 0 < mistakes["rooms.reverse_check_in"] < mistakes["rooms.check_in"] * 0.1
    assert 0 < mistakes["rooms.void_charge"] < mistakes["rooms.post_charge"] * 0.3
    cleaned = [s for s in steps if s.body.get("value") == "clean"]
    assert len(cleaned) > 5 * 60
    before = _before_arrival(steps)
    assert sum(hours > 2 for hours in before) > 0.7 * len(before)


def _before_arrival(steps: list[Step]) -> list[float]:
    """Hours from each booking to its check-in."""
    made: dict[str, float] = {}
    came: set[str] = set()
    found = []
    for step in steps:
        if step.command == "rooms.facts":
            for fact in step.body["facts"]:
                if booked := fact.get("reservation_made"):
                    made[booked["reservation_id"]] = step.at
        elif step.command == "rooms.check_in" and step.body["reservation_id"] not in came:
            came.add(step.body["reservation_id"])
            found.append((step.at - made[step.body["reservation_id"]]) / HOUR_S)
    return found


def test_a_life_goes_on_from_what_an_earlier_one_left() -> None:
    hotel = layout.hotel(0, 10)
    stay = Stay("R1", "g1", "101", FIRST_DAY)
    booking = Booking("R2", "g2", "double", FIRST_DAY, FIRST_DAY + datetime.timedelta(days=1))
    found = Found(
        (stay,), (booking,), frozenset({"102"}), frozenset({"103"}), frozenset({"staff-front_desk-1"})
    )
    # Whether a guest cancels or comes is drawn: over some lives both are seen.
    lives = [
        list(day.world(hotel, seed, FIRST_DAY, 7, found).run(until=DAY_S + 6 * HOUR_S)) for seed in range(9)
    ]
    for steps in lives:
        said = [(s.command, s.body) for s in steps]
        assert ("rooms.check_out", {"reservation_id": "R1"}) in said
        statuses = [(b["room_id"], b["value"]) for c, b in said if c == "rooms.set_room_status"]
        assert ("102", "clean") in statuses
        assert ("103", "none") in statuses
        started = [b["staff_id"] for c, b in said if c == "staff.start_shift"]
        assert started.count("staff-front_desk-1") == 0
    came = [s for steps in lives for s in steps if s.body.get("reservation_id") == "R2"]
    assert "rooms.check_in" in {s.command for s in came}


def test_a_second_life_of_the_same_seed_says_nothing_under_the_ids_of_the_first(steps: list[Step]) -> None:
    hotel = layout.hotel(0, 60)
    found = Found((Stay("R1", "g1", "101", FIRST_DAY),), dirty=frozenset({"102", "103"}))
    life = list(day.world(hotel, 42, FIRST_DAY, 7, found).run(until=DAY_S))
    assert life == list(day.world(hotel, 42, FIRST_DAY, 7, found).run(until=DAY_S))
    assert not {step.id for step in life} & {step.id for step in steps}
    assert not _reservations(life) & _reservations(steps)
    tomorrow = list(day.world(hotel, 42, FIRST_DAY + datetime.timedelta(days=1), 7, found).run(until=DAY_S))
    assert not {step.id for step in life} & {step.id for step in tomorrow}


def _reservations(steps: list[Step]) -> set[str]:
    facts = [fact for step in steps if step.command == "rooms.facts" for fact in step.body["facts"]]
    return {fact["reservation_made"]["reservation_id"] for fact in facts if "reservation_made" in fact}


def test_business_dates_close_one_after_the_other(steps: list[Step]) -> None:
    closed = [
        datetime.date.fromisoformat(s.body["close"]) for s in steps if s.command == "rooms.run_night_audit"
    ]
    assert all(later - earlier == datetime.timedelta(days=1) for earlier, later in pairwise(closed))
