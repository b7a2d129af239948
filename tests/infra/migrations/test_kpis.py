"""The figures of the house against their published formulas (USALI, STR), counted by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.infra.migrations.hotel import Rows, asked, at, day

D = Decimal
Daily = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def client(views: Any) -> Any:
    rows = Rows(views)
    _golden(rows)
    _mixed(rows)
    _closed(rows)
    _grown(rows)
    rows.write()
    return views


@pytest.fixture(scope="module")
def daily(client: Any) -> Daily:
    """What v_kpis_daily says of each hotel and date: column -> value."""
    found = client.query("SELECT * FROM v_kpis_daily")
    rows = [dict(zip(found.column_names, row, strict=True)) for row in found.result_rows]
    return {(row["property_id"], str(row["business_date"])): row for row in rows}


def of(daily: Daily, hotel: str, date: str, *names: str) -> tuple[Any, ...]:
    """Some of one date's."""
    return tuple(daily[hotel, date][name] for name in names)


def _golden(rows: Rows) -> None:
    """100 rooms, 5 out of order, 30 sold at 80, and 20 of food each."""
    rows.hotel("golden", 100, "2026-01-01 00:00")
    for n in range(30):
        rows.stay("golden", f"g{n}", "2026-03-01", 1, rate="80")
        rows.charge("golden", f"g{n}", "2026-03-01", "20", kind="food")
    for n in range(5):
        block: dict[str, Any] = {"kind": "room_status_changed", "dimension": "block", "room_id": str(n)}
        rows.put("room_status_changes", "golden", at("2026-02-27 08:00"), value="out_of_order", **block)
        rows.put("room_status_changes", "golden", at("2026-03-02 08:00"), value="none", **block)


def _mixed(rows: Rows) -> None:
    """One of everything that is occupied, sold, let, missed or cancelled, and a charge in dollars."""
    rows.hotel("mixed", 10, "2026-01-01 00:00")
    rows.stay("mixed", "sold", "2026-03-01", 3, rate="90.01")
    rows.stay("mixed", "free", "2026-03-01", 1, rate="0", complimentary=True)
    rows.stay("mixed", "house", "2026-03-01", 2, rate="0", complimentary=True, segment="house_use")
    rows.stay("mixed", "at zero", "2026-03-01", 1, rate="0")
    rows.stay("mixed", "day", "2026-03-01", 0, rate="40", charge=False)
    rows.charge("mixed", "day", "2026-03-01", "40")
    rows.stay("mixed", "missed", "2026-03-01", 2, status="no_show")
    rows.stay("mixed", "dropped", "2026-03-01", 2, status="cancelled")
    rows.stay("mixed", "dropped, too", "2026-03-01", 2, status="cancelled")
    rows.charge("mixed", "sold", "2026-03-01", "1000", kind="spa", currency="USD")
    rows.stay("mixed", "later", "2026-03-06", 1, rate="-5")


def _closed(rows: Rows) -> None:
    """Ten rooms, one closed for sixty days as planned, one out of service."""
    rows.hotel("closed", 10, "2026-01-01 00:00")
    rows.stay("closed", "c", "2026-03-01", 1)
    block: dict[str, Any] = {"kind": "room_status_changed", "dimension": "block"}
    when = at("2026-02-20 08:00")
    until = at("2026-04-21 08:00")
    rows.put("room_status_changes", "closed", when, value="out_of_order", room_id="1", until=until, **block)
    rows.put("room_status_changes", "closed", when, value="out_of_service", room_id="2", until=None, **block)


def _grown(rows: Rows) -> None:
    """Ten rooms, from the second of March on twenty."""
    rows.hotel("grown", 10, "2026-02-01 00:00")
    rows.hotel("grown", 20, "2026-03-02 12:00")
    for date in ("2026-01-31", "2026-03-01", "2026-03-02"):
        rows.stay("grown", date, date, 1)


def test_the_golden_case_of_both_occupancies(daily: Daily) -> None:
    names = ("rooms_available", "rooms_out_of_order", "rooms_sold", "occupancy_usali", "occupancy_sellable")
    found = of(daily, "golden", "2026-03-01", *names)
    assert found == (100, 5, 30, D("30.00"), D("31.58"))


def test_adr_revpar_and_trevpar(daily: Daily) -> None:
    names = ("room_revenue", "total_revenue", "adr", "revpar", "trevpar", "currency")
    found = of(daily, "golden", "2026-03-01", *names)
    assert found == (D(2400), D(3000), D(80), D(24), D(30), "EUR")


def test_sold_complimentary_house_and_day_use(daily: Daily) -> None:
    names = ("rooms_sold", "rooms_complimentary", "rooms_house_use", "day_use", "room_revenue", "adr")
    # 90.01 + 0 + 40 of day use, over the room sold and the one sold at zero
    assert of(daily, "mixed", "2026-03-01", *names) == (2, 1, 1, 1, D("130.01"), D("65.005"))
    assert of(daily, "mixed", "2026-03-02", *names) == (1, 0, 1, 0, D("90.01"), D("90.01"))


def test_no_show_cancellation_and_length_of_stay(daily: Daily) -> None:
    names = (
        "arrivals_booked", "no_shows", "no_show_percent", "reservations", "cancellations",
        "cancellation_percent", "stays", "stay_nights", "alos",
    )  # fmt: skip
    assert of(daily, "mixed", "2026-03-01", *names) == (
        6, 1, D("16.67"), 8, 2, D("25.00"), 4, 7, D("1.75"),
    )  # fmt: skip


def test_another_currency_is_in_no_sum_but_counted(client: Any, daily: Daily) -> None:
    names = ("total_revenue", "charges_elsewhere")
    assert of(daily, "mixed", "2026-03-01", *names) == (D("130.01"), 1)
    sql = (
        "SELECT currency, total_revenue FROM v_revenue_daily"
        " WHERE property_id = 'mixed' AND business_date = '2026-03-01' ORDER BY 1"
    )
    assert asked(client, sql) == [("EUR", D("130.01")), ("USD", D(1000))]


def test_an_empty_day_is_a_day(daily: Daily) -> None:
    names = ("rooms_sold", "rooms_available", "occupancy_usali", "adr", "revpar", "no_show_percent")
    assert of(daily, "mixed", "2026-03-05", *names) == (0, 10, D(0), None, D(0), None)


def test_a_month_is_the_sum_of_its_days(client: Any) -> None:
    names = (
        "days, rooms_available, rooms_sold, occupancy_usali, room_revenue, adr, stays, alos, no_show_percent"
    )
    [found] = asked(client, f"SELECT {names} FROM v_kpis_monthly WHERE property_id = 'mixed'")
    # 270.03 + 40 - 5 over five nights sold
    assert found == (7, 70, 5, D("7.14"), D("305.03"), D("61.006"), 5, D("1.60"), D("14.29"))


def test_a_room_closed_for_thirty_days_leaves_the_inventory(client: Any, daily: Daily) -> None:
    names = ("rooms_available", "rooms_out_of_order", "rooms_sellable", "occupancy_usali")
    assert of(daily, "closed", "2026-03-01", *names) == (9, 0, 9, D("11.11"))
    found = asked(
        client, "SELECT room_id, block, closure FROM v_room_blocks WHERE property_id = 'closed' ORDER BY 1"
    )
    assert found == [("1", "out_of_order", True), ("2", "out_of_service", False)]


def test_a_hotel_that_grew_keeps_its_old_percentages(client: Any) -> None:
    found = asked(
        client, "SELECT business_date, capacity, occupancy_usali FROM v_occupancy_daily"
        " WHERE property_id = 'grown' AND rooms_occupied > 0 ORDER BY 1",
    )  # fmt: skip
    assert found == [(day("2026-01-31"), 10, 10), (day("2026-03-01"), 10, 10), (day("2026-03-02"), 20, 5)]
    sql = (
        "SELECT month, days, rooms_available FROM v_occupancy_monthly WHERE property_id = 'grown' ORDER BY 1"
    )
    assert asked(client, sql)[-1] == (day("2026-03-01"), 3, 50)  # one of ten, two of twenty
    assert asked(client, sql.replace("v_occupancy", "v_kpis"))[-1] == (day("2026-03-01"), 3, 50)


def test_by_type_segment_and_source(client: Any) -> None:
    sql = (
        "SELECT segment, sum(rooms_sold), sum(rooms_complimentary), sum(room_revenue) FROM v_revenue_segments"
        " WHERE property_id = 'mixed' GROUP BY 1 ORDER BY 1"
    )
    assert asked(client, sql) == [("", 5, 1, D("305.03")), ("house_use", 0, 2, D(0))]
