"""Row -> facts, as the data's README says."""

from __future__ import annotations

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from infra.importer.bookings import BadRow, at, booking, facts
from schemas.facts import said
from tests.infra.importer.rows import row

ZONE = ZoneInfo("Europe/Lisbon")


def told(**changes: str) -> list[tuple[str, str]]:
    """(fact, its local time) of a row."""
    found = []
    for fact in facts("k", booking(row(**changes)), ZONE):
        body = said(fact)
        assert body is not None
        moment = datetime.datetime.fromtimestamp(fact.occurred_at / 1000, ZONE)
        found.append((body[0], f"{moment:%Y-%m-%d %H:%M}"))
    return found


def test_a_stay_over_the_change_to_summer_time() -> None:
    assert told() == [
        ("reservation_made", "2016-03-20 09:00"),
        ("checked_in", "2016-03-26 15:00"),
        ("charge_posted", "2016-03-26 23:00"),
        ("charge_posted", "2016-03-27 23:00"),
        ("checked_out", "2016-03-28 11:00"),
    ]
    assert at(datetime.date(2016, 3, 26), 15, ZONE) % 86_400_000 == 15 * 3_600_000
    assert at(datetime.date(2016, 3, 28), 11, ZONE) % 86_400_000 == 10 * 3_600_000


def test_the_day_of_departure_is_not_the_status_date() -> None:
    assert told(reservation_status_date="2016-04-02")[-1] == ("checked_out", "2016-03-28 11:00")


def test_day_use_cancelled_and_no_show() -> None:
    nothing = {"stays_in_weekend_nights": "0", "stays_in_week_nights": "0"}
    assert told(**nothing)[1:] == [("checked_in", "2016-03-26 10:00"), ("checked_out", "2016-03-26 18:00")]
    cancelled = told(reservation_status="Canceled", reservation_status_date="2016-03-22")
    assert cancelled[1:] == [("reservation_cancelled", "2016-03-22 12:00")]
    missed = told(reservation_status="No-Show", reservation_status_date="2016-03-26")
    assert missed[1:] == [("reservation_no_show", "2016-03-26 23:00")]


def test_complimentary_needs_segment_and_rate() -> None:
    assert booking(row(market_segment="Complementary", adr="0")).complimentary
    assert not booking(row(market_segment="Complementary", adr="1")).complimentary
    assert not booking(row(adr="0")).complimentary


def test_values_of_the_reservation() -> None:
    found = booking(row(children="1.0"))
    assert (found.adults, found.children, found.rate, found.room_type) == (2, 1, Decimal("76.5"), "D")
    assert booking(row(country="NULL")).country == ""


def test_ids_are_of_the_row_and_differ() -> None:
    once, again = (facts("k", booking(row()), ZONE) for _ in range(2))
    assert once == again
    assert len({fact.fact_id for fact in once}) == len(once)
    assert {f.fact_id for f in facts("k2", booking(row()), ZONE)}.isdisjoint(f.fact_id for f in once)


@pytest.mark.parametrize(
    "changes",
    [
        {"arrival_date_month": "Juli"},
        {"arrival_date_day_of_month": "31", "arrival_date_month": "June"},
        {"lead_time": "-1"},
        {"lead_time": "999999"},
        {"arrival_date_year": "9999", "arrival_date_month": "December"},
        {"arrival_date_year": "0"},
        {"arrival_date_year": "1066"},
        {"arrival_date_year": "1971", "lead_time": "900"},
        {"reservation_status_date": "0001-01-01"},
        {"stays_in_week_nights": "5000"},
        {"adults": "many"},
        {"adults": "inf"},
        {"adults": "nan"},
        {"children": "-2"},
        {"adr": "NaN"},
        {"adr": "1e30"},
        {"adr": "1.00001"},
        {"reservation_status": "Maybe"},
        {"reservation_status_date": "soon"},
        {"country": "x" * 301},
    ],
    ids=str,
)
def test_bad_rows_say_why(changes: dict[str, str]) -> None:
    with pytest.raises(BadRow) as problem:
        booking(row(**changes))
    assert str(problem.value)
