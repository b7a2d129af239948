"""A closed business date that changes says so, and is as it was as of any moment before."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.fixtures_warehouse import Warehouse
from tests.infra.migrations.hotel import Rows, asked, at, database, day

FIRST, SECOND = "2026-03-01", "2026-03-02"
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def client(warehouse: Warehouse) -> Iterator[Any]:
    with database(warehouse) as found:
        rows = Rows(found)
        rows.hotel("h", 10, f"{FIRST} 00:00")
        rows.stay("h", "a", FIRST, 2, rate="100", status="in_house")
        rows.stay("h", "b", FIRST, 1, rate="70", status="in_house")
        rows.put(
            "charges", "h", at(f"{FIRST} 20:00"), kind="charge_posted", reservation_id="a", charge_id="spa",
            charge_kind="spa", business_date=day(FIRST), amount="30", currency="EUR",
        )  # fmt: skip
        rows.put("night_audits", "h", at(f"{FIRST} 23:30"), closed=day(FIRST), opened=day(SECOND))
        # After the audit: the spa is voided, said twice; b never came; a charge of the day is found.
        for when in ("09:00", "09:05"):
            rows.put(
                "charge_voids", "h", at(f"{SECOND} {when}"), kind="charge_voided", reservation_id="a",
                charge_id="spa", reason=f"said at {when}",
            )  # fmt: skip
        late = at(f"{SECOND} 10:00")
        rows.put("stay_facts", "h", late, kind="check_in_reversed", reservation_id="b")
        rows.put("reservation_facts", "h", late, kind="reservation_no_show", reservation_id="b")
        rows.put(
            "charges", "h", at(f"{FIRST} 22:00"), logged=at(f"{SECOND} 11:00"), kind="charge_posted",
            reservation_id="a", charge_id="bar", charge_kind="food", business_date=day(FIRST), amount="9.50",
            currency="EUR",
        )  # fmt: skip
        # Another hotel closed nothing: nothing of it is restated.
        rows.hotel("i", 10, f"{FIRST} 00:00")
        rows.stay("i", "c", FIRST, 1)
        rows.write()
        yield found


def naive(row: Row) -> Row:
    """Moments without their zone, which is UTC."""
    return tuple(one.replace(tzinfo=None) if isinstance(one, datetime.datetime) else one for one in row)


def daily(client: Any, known: datetime.datetime) -> Row:
    """Of the first date what was known at a moment."""
    sql = (
        "SELECT room_revenue, other_revenue, charges, voids, restated_at"
        " FROM v_revenue_daily_at(as_of = {k:DateTime64(3)}, known = {k:DateTime64(3)})"
        " WHERE property_id = 'h' AND business_date = '2026-03-01'"
    )
    (row,) = asked(client, sql, k=known)
    return row


def test_the_past_changes_and_says_since_when(client: Any) -> None:
    assert daily(client, at(f"{FIRST} 23:45")) == (Decimal(170), Decimal(30), 3, 0, None)
    voided = at(f"{SECOND} 09:00").replace(tzinfo=None)
    assert naive(daily(client, at(f"{SECOND} 09:01"))) == (Decimal(170), Decimal(0), 2, 1, voided)
    now = naive(daily(client, at("2026-04-01 00:00")))
    assert now == (Decimal(170), Decimal("9.5"), 3, 1, at(f"{SECOND} 11:00").replace(tzinfo=None))


def test_the_night_of_who_never_came_is_sold_no_more(client: Any) -> None:
    sql = (
        "SELECT rooms_sold, arrivals, no_shows, restated_at"
        " FROM v_occupancy_daily_at(as_of = {k:DateTime64(3)}, known = {k:DateTime64(3)})"
        " WHERE property_id = 'h' AND business_date = '2026-03-01'"
    )
    assert asked(client, sql, k=at(f"{FIRST} 23:45")) == [(2, 2, 0, None)]
    ((sold, arrivals, missed, restated),) = asked(client, sql, k=at("2026-04-01 00:00"))
    assert (sold, arrivals, missed) == (1, 1, 1)
    assert restated is not None
    kpis = (
        "SELECT rooms_sold, restated_at FROM v_kpis_daily"
        " WHERE property_id = {p:String} AND business_date = {d:Date32}"
    )
    assert asked(client, kpis, p="h", d=day(FIRST)) == [(1, restated)]
    assert asked(client, kpis, p="h", d=day(SECOND)) == [(1, None)], "open still"
    assert asked(client, kpis, p="i", d=day(FIRST)) == [(1, None)]


def test_what_of_a_date_came_late_is_told(client: Any) -> None:
    sql = "SELECT property_id, business_date, charges, voids, reservations, closed_at FROM v_restatements"
    (found,) = asked(client, sql)
    assert naive(found) == ("h", day(FIRST), 1, 1, 1, at(f"{FIRST} 23:30").replace(tzinfo=None))


def test_a_charge_says_whether_it_counts_and_why_not(client: Any) -> None:
    sql = (
        "SELECT charge_id, voided, voided_at, void_reason FROM v_charges"
        " WHERE reservation_id = 'a' AND charge_kind != 'room' ORDER BY charge_id"
    )
    spa = ("spa", True, at(f"{SECOND} 09:00").replace(tzinfo=None), "said at 09:00")
    assert [naive(row) for row in asked(client, sql)] == [("bar", False, None, ""), spa]


def test_a_stay_counts_what_was_not_voided_and_a_reversed_one_is_none(client: Any) -> None:
    sql = "SELECT reservation_id, room_revenue, other_revenue FROM v_stays WHERE property_id = 'h'"
    assert asked(client, sql) == [("a", Decimal(200), Decimal("9.5"))]
