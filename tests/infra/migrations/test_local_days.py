"""Days are the hotel's: in Tokyo the second of July begins at 15:00 UTC on the first."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from infra.migrations import runner
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand

ZONES = {"tokyo": "Asia/Tokyo", "lima": "America/Lima", "nowhere": "Mars/Base"}
# 18:00 UTC on July 1st, in ms: the 2nd in Tokyo, the 1st elsewhere; `unknown` has no settings.
LATE = int(datetime.datetime(2026, 7, 1, 18, tzinfo=datetime.UTC).timestamp() * 1000)
HOTELS = (*ZONES, "unknown")


@pytest.fixture(scope="module")
def client(warehouse: Warehouse) -> Iterator[Any]:
    """A fresh database with a cancelled reservation and a request in each hotel."""
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings)
    found = stand.client(settings)
    place = ["_partition", "_offset", "property_id"]
    found.insert(
        "property_settings",
        [[0, n, hotel, zone] for n, (hotel, zone) in enumerate(ZONES.items())],
        column_names=[*place, "time_zone"],
    )
    stay = [datetime.date(2026, 8, 1), datetime.date(2026, 8, 3), datetime.date(2026, 5, 1)]
    facts = []
    for n, hotel in enumerate(HOTELS):
        facts.append([0, n, hotel, "r", "reservation_made", 1, *stay])
        facts.append([0, 10 + n, hotel, "r", "reservation_cancelled", LATE, None, None, None])
    columns = ["reservation_id", "kind", "occurred_at", "arrival", "departure", "booked_on"]
    found.insert("reservation_facts", facts, column_names=[*place, *columns])
    found.insert(
        "service_facts",
        [[0, n, hotel, "q", "requested", LATE] for n, hotel in enumerate(HOTELS)],
        column_names=[*place, "request_id", "kind", "occurred_at"],
    )
    yield found
    stand.drop(settings)
    found.close()


@pytest.mark.parametrize(("day", "booked"), [(30, list(HOTELS)), (1, ["tokyo"]), (2, [])])
def test_on_the_books_at_the_end_of_the_hotels_day(client: Any, day: int, booked: list[str]) -> None:
    as_of = datetime.date(2026, 6 if day == 30 else 7, day)
    found = client.query(
        "SELECT property_id, room_nights FROM v_on_the_books_at(as_of = {day:Date32})",
        parameters={"day": as_of},
    ).result_rows
    assert sorted(found) == sorted((hotel, 2) for hotel in booked)


def test_a_request_counts_on_the_hotels_day(client: Any) -> None:
    found = dict(client.query("SELECT property_id, toDayOfMonth(day) FROM v_service_kpis").result_rows)
    assert found == {"tokyo": 2, "lima": 1, "nowhere": 1, "unknown": 1}
