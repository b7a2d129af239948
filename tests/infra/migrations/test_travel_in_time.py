"""A moment as it was known then and as it is known now; days that roll at the audit; changed clocks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.infra.migrations.hotel import Rows, asked, at, day

LISBON = "Europe/Lisbon"


@pytest.fixture(scope="module")
def client(views: Any) -> Any:
    rows = Rows(views)
    _late(rows)
    _clocks(rows)
    _books(rows)
    rows.write()
    return views


def _late(rows: Rows) -> None:
    """A stay from the tenth; of a charge, a cancellation and a dirty room the log hears two days late."""
    rows.hotel("late", 10, "2026-01-01 00:00")
    rows.stay("late", "in time", "2026-03-10", 3, rate="100", status="in_house")
    heard: dict[str, Any] = {"logged": at("2026-03-12 08:00")}
    rows.put(
        "charges", "late", at("2026-03-10 23:00"), kind="charge_posted", reservation_id="in time",
        charge_kind="spa", business_date=day("2026-03-10"), amount="30", currency="EUR", **heard,
    )  # fmt: skip
    rows.stay("late", "off", "2026-03-20", 2, status="made")
    gone: dict[str, Any] = {"kind": "reservation_cancelled", "reservation_id": "off"}
    rows.put("reservation_facts", "late", at("2026-03-10 10:00"), logged=heard["logged"], **gone)
    for value, when, logged in (
        ("clean", "09:00", "2026-03-10 09:00"),
        ("dirty", "12:00", "2026-03-12 08:00"),
    ):
        rows.put(
            "room_status_changes", "late", at(f"2026-03-10 {when}"), logged=at(logged), room_id="101",
            kind="room_status_changed", dimension="housekeeping", value=value,
        )  # fmt: skip


def _clocks(rows: Rows) -> None:
    """Night audits at 03:30 in Lisbon: clocks go forward on March 29th 2026 and back on October 25th."""
    rows.hotel("clocks", 10, "2026-01-01 00:00", zone=LISBON)
    for closed, opened, when in (
        ("2026-03-27", "2026-03-28", "2026-03-28 03:30"),  # 03:30 is UTC
        ("2026-03-28", "2026-03-29", "2026-03-29 02:30"),  # 03:30 is UTC+1
        ("2026-03-29", "2026-03-30", "2026-03-30 02:30"),
        ("2026-10-23", "2026-10-24", "2026-10-24 02:30"),
        ("2026-10-24", "2026-10-25", "2026-10-25 03:30"),
    ):
        said: dict[str, Any] = {"closed": day(closed), "opened": day(opened)}
        rows.put("night_audits", "clocks", at(when), kind="night_audit_done", **said)


def _books(rows: Rows) -> None:
    """Bookings across the change of clocks, and their cancellations."""
    rows.hotel("books", 10, "2026-01-01 00:00", zone=LISBON)
    for own, made, nights in (
        ("old", "2026-03-01 09:00", 4),
        ("a week ago, before ten", "2026-03-24 09:30", 2),  # 09:30 in Lisbon
        ("a week ago, after ten", "2026-03-24 10:30", 5),
        ("today, before ten", "2026-03-31 08:30", 3),  # 09:30
        ("today, after ten", "2026-03-31 09:30", 7),  # 10:30
    ):
        rows.put(
            "reservation_facts", "books", at(made), kind="reservation_made", reservation_id=own,
            arrival=day("2026-05-30"), departure=day(f"2026-06-{nights - 1:02}" if nights > 1 else ""),
            booked_on=at(made).date(), rate="10", currency="EUR", adults=1,
        )  # fmt: skip
    gone: dict[str, Any] = {"kind": "reservation_cancelled", "reservation_id": "old"}
    rows.put("reservation_facts", "books", at("2026-03-31 08:00"), **gone)


def test_a_day_as_it_was_known_then_and_as_it_is_known_now(client: Any) -> None:
    sql = (
        "SELECT room_revenue, other_revenue"
        " FROM v_occupancy_daily_at(as_of = '2026-03-11 14:05:00', known = {k:String})"
        " WHERE property_id = 'late' AND business_date = '2026-03-10'"
    )
    assert asked(client, sql.replace("{k:String}", "'2026-03-11 14:05:00'")) == [(Decimal(100), Decimal(0))]
    assert asked(client, sql.replace("{k:String}", "now64()")) == [(Decimal(100), Decimal(30))]


def test_rooms_and_reservations_then_and_now(client: Any) -> None:
    moments = {"then": "'2026-03-11 14:05:00'", "now": "now64()"}
    rooms, books = {}, {}
    for name, known in moments.items():
        asof = f"as_of = '2026-03-11 14:05:00', known = {known}"
        [(rooms[name],)] = asked(
            client, f"SELECT housekeeping FROM v_rooms_now_at({asof}) WHERE property_id = 'late'"
        )
        [(books[name],)] = asked(
            client,
            f"SELECT status FROM v_reservations_at({asof})"
            " WHERE property_id = 'late' AND reservation_id = 'off'",
        )
    assert rooms == {"then": "clean", "now": "dirty"}
    assert books == {"then": "made", "now": "cancelled"}


def test_before_anything_was_known_there_is_nothing(client: Any) -> None:
    asof = "as_of = now64(), known = '2026-01-01 00:00:00'"
    for view in (
        "v_rooms_now_at",
        "v_reservations_at",
        "v_occupancy_daily_at",
        "v_movements_at",
        "v_kpis_daily_at",
    ):
        assert asked(client, f"SELECT count() FROM {view}({asof}) WHERE property_id = 'late'") == [(0,)], view


def test_business_dates_roll_at_the_audit_and_last_23_or_25_hours(client: Any) -> None:
    sql = "SELECT business_date, hours FROM v_business_dates WHERE property_id = 'clocks' ORDER BY 1"
    hours = {str(date): length for date, length in asked(client, sql)}
    assert (hours["2026-03-28"], hours["2026-03-29"], hours["2026-10-24"], hours["2026-10-25"]) == (
        23,
        24,
        25,
        None,
    )
    sql = (
        "SELECT business_date FROM v_occupancy_live_at(as_of = {t:String}, known = now64())"
        " WHERE property_id = 'clocks'"
    )
    for moment, date in (
        ("2026-03-29 02:29:59", "2026-03-28"),  # two in the morning is still the day before
        ("2026-03-29 02:30:00", "2026-03-29"),
        ("2026-03-01 23:59:59", "2026-03-01"),  # before the first audit the calendar counts
    ):
        assert asked(client, sql.replace("{t:String}", f"'{moment}'")) == [(day(date),)], moment


def test_pickup_against_the_same_weekday_at_the_same_time_of_day(client: Any) -> None:
    """At ten in Lisbon, which is 09:00 UTC this week and was 10:00 UTC last week."""
    sql = (
        "SELECT until_time, nights_made, nights_lost, pickup_nights, week_ago_nights_made, difference_nights,"
        " pickup_revenue FROM v_pickup_today_at(as_of = '2026-03-31 09:00:00', known = now64())"
        " WHERE property_id = 'books'"
    )
    assert asked(client, sql) == [("10:00:00", 3, 4, -1, 2, -3, Decimal(-10))]


def test_pickup_is_the_books_now_less_the_books_then(client: Any) -> None:
    sql = (
        "SELECT room_nights, room_nights_before, pickup_nights, pickup_revenue FROM"
        " v_pickup_at(as_of = '2026-03-31 09:00:00', known = now64(), days = 7)"
        " WHERE property_id = 'books' AND stay_date = '2026-05-31'"
    )
    # then: the old one and the first of that week; now: both of that week and the first of this one
    assert asked(client, sql) == [(3, 2, 1, Decimal(10))]
    books = (
        "SELECT sum(room_nights) FROM v_on_the_books_daily_at(as_of = '{}', known = now64())"
        " WHERE property_id = 'books'"
    )
    assert asked(client, books.format("2026-03-24 10:00:00")) == [(6,)]
    assert asked(client, books.format("2026-03-31 09:00:00")) == [(10,)]


def test_who_comes_and_goes_expected_and_done(client: Any) -> None:
    names = (
        "arrivals_expected, arrivals_done, departures_booked, departures_expected, departures_done,"
        " stayovers_expected, stayovers_done"
    )
    sql = (
        f"SELECT {names} FROM v_movements_at(as_of = '2026-03-11 14:05:00', known = '2026-03-11 14:05:00')"
        " WHERE property_id = 'late' AND business_date = {d:Date32}"
    )
    assert asked(client, sql, d=day("2026-03-10")) == [(1, 1, 0, 0, 0, 0, 0)]
    assert asked(client, sql, d=day("2026-03-11")) == [(0, 0, 0, 0, 0, 1, 1)]
    assert asked(client, sql, d=day("2026-03-13")) == [(0, 0, 1, 1, 0, 0, 0)]
    assert asked(client, sql, d=day("2026-03-20")) == [(1, 0, 0, 0, 0, 0, 0)]
