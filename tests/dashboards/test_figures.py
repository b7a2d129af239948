"""The figures against cases worked out by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from dashboards import figures
from schemas.records.rooms import RoomsFact
from schemas.topics import BY_NAME
from streams.rules.revenue import Fold
from tests.streams.rules.test_revenue import charge, made

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_occupancy_both_ways() -> None:
    row = {
        "rooms": 100,
        "occupied": 30,
        "out_of_order": 5,
        "guests": 51,
        "ready": 40,
        "dirty": 25,
        "arrivals_done": 3,
        "arrivals_expected": 12,
        "departures_done": 7,
        "departures_expected": 9,
    }
    found = {one.name: one for one in figures.house(row)}
    assert found["Occupancy"].value == "30.0 %"
    assert found["Of sellable"].value == "31.6 %"
    assert found["Of sellable"].n == 95
    assert found["Arrivals"].value == "3 / 12"


def test_nothing_to_divide_by() -> None:
    assert figures.percent(0, 0) == "–"


def test_stale_after_ten_seconds_or_without_any_time() -> None:
    assert not figures.stale(NOW - timedelta(seconds=10), NOW)
    assert figures.stale(NOW - timedelta(seconds=11), NOW)
    assert figures.stale(None, NOW)


def test_a_section_is_as_old_as_its_oldest_topic() -> None:
    complete = {"rooms": NOW, "occupancy.state": NOW - timedelta(seconds=3), "services": NOW}
    assert figures.as_of("The house", complete) == NOW - timedelta(seconds=3)
    assert figures.as_of("Revenue", complete) is None
    assert figures.as_of("Service queue", {"services": datetime(1970, 1, 1, tzinfo=UTC)}) is None
    assert {topic for topics in figures.TOPICS.values() for topic in topics} <= BY_NAME.keys()


def test_ages_name_every_bucket() -> None:
    found = figures.ages([{"age_bucket": "60+", "n": 2}, {"age_bucket": "5-15", "n": 1}])
    assert [(one.name, one.value) for one in found] == [
        ("0-5 min", "0"),
        ("5-15 min", "1"),
        ("15-30 min", "0"),
        ("30-60 min", "0"),
        ("60+ min", "2"),
    ]
    assert {one.n for one in found} == {3}


def test_minutes_left_are_negative_past_the_promise() -> None:
    one = {
        "room_id": "101",
        "item": "clean_room",
        "department": "housekeeping",
        "status": "accepted",
        "age_minutes": 34.2,
        "minutes_to_breach": -4.4,
    }
    assert figures.queue([one])[0]["Minutes left"] == -4
    assert figures.queue([one | {"minutes_to_breach": None}])[0]["Minutes left"] is None


def test_adr_leaves_complimentary_nights_out() -> None:
    row = {
        "currency": "EUR",
        "room_revenue": Decimal("1180.00"),
        "other_revenue": Decimal("20.50"),
        "room_nights": 11,
        "complimentary_nights": 1,
    }
    assert {one.name: one.value for one in figures.revenue(row)}["ADR"] == "118.00 EUR"


def test_adr_is_of_rooms_sold_as_the_revenue_fold_counts_them() -> None:
    bodies = [made("a", 1), charge("a", 1, 0, 10_000), made("b", 1, True), charge("b", 1, 0, 0)]
    fold = Fold("h")
    for n, body in enumerate(bodies):
        fold.apply("rooms", RoomsFact(fact_id=str(n), occurred_at=n), body)
    (day,) = fold.snapshot({"rooms": 1}, 1)
    found = {one.name: one for one in figures.revenue(msgspec.structs.asdict(day))}["ADR"]
    assert (found.value, found.n) == ("100.00 EUR", 1), "100 for the one room sold, the other one was free"


def test_who_is_on_duty() -> None:
    person = {
        "staff_id": "staff-security-1",
        "department": "front_desk",
        "on_break": True,
        "completed": 2,
        "accepted": 2,
        "response_minutes": 2.04,
    }
    found = figures.on_duty([person, person | {"response_minutes": None, "on_break": False}])
    assert [(one["Now"], one["Response, min"]) for one in found] == [("break", 2.0), ("on duty", None)]
    assert found[0]["Department"] == "front desk"


def test_an_emergency_is_told_in_the_hotels_time() -> None:
    row = {"drill": False, "kind": "medical", "location": "Room 104", "raised_at": NOW, "status": "raised"}
    tokyo = figures.zone("Asia/Tokyo")
    assert figures.emergency(row, tokyo) == (
        "Medical emergency at Room 104, since 21:00: nobody has answered yet."
    )
    answered = figures.emergency(row | {"drill": True, "status": "acknowledged"}, tokyo)
    assert answered.startswith("Drill: ")
    assert answered.endswith("somebody is on the way.")
    said = figures.watchdogs([{"at": NOW, "part": "sink", "sentence": "The sink died."}], tokyo)
    assert said == [{"At": "21:00:00", "Part": "sink", "What": "The sink died."}]


def test_what_people_wrote_is_no_markup() -> None:
    said = "![x](http://evil.example/x.png) **b** :red[a]\n# h $x$"
    shown = figures.plain(said)
    assert "\n" not in shown
    assert re.sub(r"\\(.)", r"\1", shown) == said.replace("\n", " ")
    for mark in "![](*:#$":
        assert re.search(rf"(?<!\\){re.escape(mark)}", shown) is None
    row = {
        "drill": False,
        "kind": "fire",
        "location": "[here](http://x)",
        "raised_at": NOW,
        "status": "raised",
    }
    assert "](" not in figures.emergency(row, figures.zone("UTC"))


def test_a_zone_that_does_not_exist_is_utc() -> None:
    assert figures.zone("Europe/Lisbon") == ZoneInfo("Europe/Lisbon")
    for wrong in ("", "Nowhere/Land", "../etc/passwd"):
        assert figures.zone(wrong) is UTC
