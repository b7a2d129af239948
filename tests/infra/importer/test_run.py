"""The City file through Kafka, the room agent and the sink equals the reference, read as `reader`."""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.bench import reference as bench_reference
from infra.importer import run as importer
from infra.importer.reading import Bad
from infra.runtime.ports import free_row
from infra.runtime.settings import Settings
from infra.supervisor import health
from infra.supervisor.parts import WORKERS, Part
from infra.supervisor.supervisor import Supervisor
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand

DATA = Path(__file__).parents[2] / "data"
ZONE = ZoneInfo("Europe/Lisbon")


@dataclass(frozen=True, slots=True)
class City:
    """The imported hotel: where it is and what the import said."""

    settings: Settings
    property_id: str
    summary: importer.Summary

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """As the data team reads it."""
        client = stand.client(self.settings, reader=True)
        found: list[tuple[Any, ...]] = client.query(
            sql, parameters={"p": self.property_id, **parameters}
        ).result_rows
        return found


def part(settings: Settings, *words: str) -> Part:
    """A process of the product on these engines."""
    environment = {
        "CONCIERGE_KAFKA_URL": settings.kafka_url,
        "CONCIERGE_CLICKHOUSE_URL": settings.clickhouse_url,
        "CONCIERGE_CLICKHOUSE_WRITER": settings.clickhouse_writer,
        "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": settings.clickhouse_writer_password.get_secret_value(),
        "CONCIERGE_PARTITIONS": str(settings.partitions),
        "CONCIERGE_PROBE_PORT": str(free_row()),
    }
    command = (sys.executable, "-m", "infra.cli", "run", *words)
    return Part(words[0], WORKERS, command, health.running, environment)


async def take(settings: Settings, property_id: str, file: Path) -> tuple[importer.Summary, list[Bad]]:
    wrong: list[Bad] = []
    order = importer.Order(file, property_id, 226, ZONE)
    return await importer.run(settings, order, lambda *_: None, wrong.append), wrong


@pytest.fixture(scope="module")
async def house(
    kafka: str, warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settings]:
    """Log, room agent, sink and tables."""
    settings = stand.settings_for(kafka, warehouse, database="concierge")  # the one the reader may read
    await stand.prepare(settings, views=True)
    # Supervised: a worker that a busy machine kept silent for 10 s ends, and is started again.
    parts = [part(settings, "worker", "--agents", "rooms"), part(settings, "sink")]
    supervisor = Supervisor(parts, tmp_path_factory.mktemp("parts"), lambda _: None)
    await supervisor.start()
    yield settings
    await supervisor.stop()


@pytest.fixture(scope="module")
async def city(house: Settings) -> City:
    """The City file, imported."""
    hotel = stand.new_hotel()
    summary, wrong = await take(house, hotel, DATA / "bookings_city.csv.gz")
    assert wrong == []
    return City(house, hotel, summary)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "bookings_city_reference.json").read_text())
    return found


def money(value: Any) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def test_every_fact_is_in_its_table_once(city: City) -> None:
    assert (city.summary.rows, city.summary.facts, city.summary.facts_new) == (79_330, 340_041, 340_041)
    for table, expected in {
        "reservation_facts": 79_330 + 32_186 + 916,
        "stay_facts": 2 * 46_228,
        "charges": 135_153,
    }.items():
        sql = f"SELECT count(), uniqExact(fact_id) FROM {table} WHERE property_id = {{p:String}}"
        assert city.rows(sql) == [(expected, expected)], table


def test_statuses_and_totals_equal_the_reference(city: City, reference: dict[str, Any]) -> None:
    statuses = city.rows(
        "SELECT status, count() FROM v_reservations WHERE property_id = {p:String} GROUP BY 1"
    )
    names = {"checked_out": "Check-Out", "cancelled": "Canceled", "no_show": "No-Show"}
    assert {names[status]: n for status, n in statuses} == reference["by_status"]
    [(stays, day_use)] = city.rows(
        "SELECT countIf(NOT day_use), countIf(day_use) FROM v_stays WHERE property_id = {p:String}"
    )
    assert (stays, day_use) == (reference["overnight_stays"], reference["day_use_stays"])
    [(nights, free, revenue)] = city.rows(
        "SELECT sum(rooms_occupied), sum(rooms_complimentary), sum(room_revenue) FROM v_occupancy_daily"
        " WHERE property_id = {p:String}"
    )
    assert (nights, free) == (reference["room_nights"], reference["complimentary_nights"])
    assert money(revenue) == Decimal(reference["room_revenue"])


def test_all_days_equal_the_reference(city: City) -> None:
    names = "rooms_occupied rooms_complimentary guests_in_house rooms_sold arrivals departures stayovers"
    columns = [*names.split(), "day_use", "no_shows", "gross_pickup_nights"]
    found = {
        str(day): (int(revenue * 100), *rest)
        for day, revenue, *rest in city.rows(
            f"SELECT business_date, round(room_revenue, 2), {', '.join(columns)} FROM v_occupancy_daily"
            " WHERE property_id = {p:String}"
        )
    }
    with (DATA / "bookings_city_daily.csv").open() as file:
        days = list(csv.DictReader(file))
    assert len(days) == 800
    for row in days:
        wanted = tuple(int(row[name]) for name in ["room_revenue_cents", *columns])
        assert found.get(row["business_date"], (0,) * len(wanted)) == wanted, row["business_date"]


def test_all_months_equal_the_reference(city: City, reference: dict[str, Any]) -> None:
    found = {
        f"{month:%Y-%m}": rest
        for month, *rest in city.rows(
            "SELECT month, days, rooms_occupied, rooms_complimentary, rooms_sold, room_revenue,"
            " occupancy_usali, adr, revpar FROM v_occupancy_monthly WHERE property_id = {p:String}"
        )
    }
    for month, wanted in reference["months"].items():
        days, occupied, free, sold, revenue, occupancy, adr, revpar = found[month]
        assert [days, occupied, free, sold] == [
            wanted[name] for name in ("days", "rooms_occupied", "rooms_complimentary", "rooms_sold")
        ]
        assert money(revenue) == Decimal(wanted["room_revenue"])
        for value, name in ((occupancy, "occupancy_usali_pct"), (adr, "adr"), (revpar, "revpar")):
            assert value == pytest.approx(float(wanted[name] or 0), abs=0.00501), (month, name)


def test_on_the_books_equals_the_reference(city: City, reference: dict[str, Any]) -> None:
    for name, wanted in reference["on_the_books"].items():
        month, day = name.split(" as of ")
        [(nights, revenue)] = city.rows(
            "SELECT room_nights, room_revenue FROM v_on_the_books_at(as_of = {day:Date32})"
            " WHERE property_id = {p:String} AND month = {month:Date32}",
            day=datetime.date.fromisoformat(day),
            month=datetime.date.fromisoformat(f"{month}-01"),
        )
        assert (nights, money(revenue)) == (wanted["room_nights"], Decimal(wanted["room_revenue"]))


def test_the_bench_of_faults_compares_all_of_it(city: City) -> None:
    file = DATA / "bookings_city.csv.gz"
    assert bench_reference.wrong(city.settings, city.property_id, file) == ([], 8_940)


def test_the_ratios_equal_the_reference_and_no_day_lacks(city: City, reference: dict[str, Any]) -> None:
    [(days, missed, dropped, stay)] = city.rows(
        "SELECT sum(days), 100 * sum(no_shows) / sum(arrivals_booked),"
        " 100 * sum(cancellations) / sum(reservations), sum(stay_nights) / sum(stays)"
        " FROM v_kpis_monthly WHERE property_id = {p:String}"
    )
    assert days == 800
    assert (round(missed, 2), round(dropped, 2), round(stay, 2)) == (
        reference["no_show_pct_of_expected_arrivals"],
        reference["cancellation_pct"], reference["alos_nights"],
    )  # fmt: skip


def test_the_books_at_the_end_of_a_day_equal_the_reference(city: City, reference: dict[str, Any]) -> None:
    for name, wanted in reference["on_the_books"].items():
        month, day = name.split(" as of ")
        end = datetime.datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=ZONE)
        [(nights, revenue)] = city.rows(
            "SELECT sum(room_nights), sum(room_revenue)"
            " FROM v_on_the_books_daily_at(as_of = {end:DateTime64(3)}, known = now64())"
            " WHERE property_id = {p:String} AND toStartOfMonth(stay_date) = {month:Date32}",
            end=end.astimezone(datetime.UTC),
            month=datetime.date.fromisoformat(f"{month}-01"),
        )
        assert (nights, money(revenue)) == (wanted["room_nights"], Decimal(wanted["room_revenue"]))


async def test_bad_rows_are_reported_and_kept_and_mending_them_adds_only_them(
    house: Settings, tmp_path: Path
) -> None:
    hotel = stand.new_hotel()
    with gzip.open(DATA / "bookings_city.csv.gz", "rt") as file:
        lines = [next(file) for _ in range(31)]
    broken = lines.copy()
    broken[5] = broken[5].replace("July", "Juli")
    broken[9] = "too,few\n"
    path = tmp_path / "b.csv"
    path.write_text("".join(broken))
    first, wrong = await take(house, hotel, path)
    assert [(row.line, row.reason.split()[0]) for row in wrong] == [(6, "arrival_date_month"), (10, "2")]
    assert first.rows == 28
    letters = "SELECT topic_offset, found_by FROM v_dead_letters WHERE property_id = {p:String} ORDER BY 1"
    found = City(house, hotel, first)
    assert await stand.until(lambda: found.rows(letters), [(6, "import"), (10, "import")]) == [
        (6, "import"),
        (10, "import"),
    ]
    again, _ = await take(house, hotel, path)
    assert (again.facts, again.facts_new, again.batches) == (first.facts, 0, 0)
    assert (first.hotel_changed, again.hotel_changed) == (True, False)
    mended = tmp_path / "b.csv.gz"
    mended.write_bytes(gzip.compress("".join(lines).encode()))
    last, wrong = await take(house, hotel, mended)
    assert wrong == []
    assert (last.rows, last.facts_new) == (30, last.facts - first.facts)
    assert last.facts_new > 0
    assert found.rows(letters) == [(6, "import"), (10, "import")]


class _Off(Exception):
    """The import is cut off here."""


async def test_cut_off_on_its_way_it_goes_on_and_says_every_step(house: Settings, tmp_path: Path) -> None:
    hotel, path, seen = stand.new_hotel(), tmp_path / "b.csv", list[tuple[str, int, int]]()
    with gzip.open(DATA / "bookings_city.csv.gz", "rt") as file:
        path.write_text("".join(next(file) for _ in range(1_501)))
    order = importer.Order(path, hotel, 226, ZONE)

    def cut(step: str, done: int, of: int) -> None:
        if step == "sending" and done > 2_000:
            raise _Off

    with pytest.raises(_Off):
        await importer.run(house, order, cut, lambda _: None)
    last = await importer.run(house, order, lambda *said: seen.append(said), lambda _: None)
    assert last.facts > 4_000
    found = City(house, hotel, last)
    tables = " UNION ALL ".join(
        f"SELECT fact_id FROM {table} WHERE property_id = {{p:String}}"
        for table in ("reservation_facts", "stay_facts", "charges")
    )
    assert found.rows(f"SELECT count(), uniqExact(fact_id) FROM ({tables})") == [(last.facts, last.facts)]
    assert list(dict.fromkeys(step for step, *_ in seen)) == ["reading", "sending", "landing"]
    assert seen[-1] == ("landing", last.facts, last.facts)
    done = [n for step, n, _ in seen if step == "landing"]
    assert done == sorted(done)
