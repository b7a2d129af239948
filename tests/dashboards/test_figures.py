"""The figures against cases worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dashboards import figures

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


def test_ages_have_half_open_borders() -> None:
    asked = [{"asked_at": NOW - timedelta(minutes=minutes)} for minutes in (0, 9.9, 10, 30, 60, 500)]
    assert list(figures.ages(asked, NOW).values()) == [2, 1, 1, 2]


def test_minutes_left_are_negative_past_the_promise() -> None:
    one = {
        "room": "101",
        "what": "clean_room",
        "who": "housekeeping",
        "last": "accepted",
        "due": NOW - timedelta(minutes=4),
    }
    assert figures.queue([one], NOW)[0]["Minutes left"] == -4


def test_adr_leaves_complimentary_nights_out() -> None:
    row = {
        "currency": "EUR",
        "room_revenue": Decimal("1180.00"),
        "other_revenue": Decimal("20.50"),
        "room_nights": 11,
        "complimentary_nights": 1,
    }
    assert {one.name: one.value for one in figures.revenue(row)}["ADR"] == "118.00 EUR"


def test_only_who_is_on_shift_is_listed() -> None:
    person = {
        "staff_id": "staff-security-1",
        "department": "security",
        "on_break": False,
        "on_shift": True,
        "completed": 2,
        "accepted": 2,
        "response_ms": 240_000,
    }
    found = figures.on_duty([person, person | {"on_shift": False}])
    assert [one["Response, min"] for one in found] == [2.0]
