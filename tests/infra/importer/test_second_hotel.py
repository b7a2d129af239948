"""Another hotel's file of the same layout, made up: its rows through the tables equal a plain count of them.

A hotel that grew, nights at zero and below, children NA, a leap day, stays over New Year, day use.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.importer import bookings
from infra.importer.bookings import Booking
from schemas.codec import encode
from schemas.records.rooms import RoomsFact
from streams.sinks.place import Place
from streams.sinks.rows import COLUMNS, rows_of
from tests.fixtures_warehouse import Warehouse
from tests.infra.importer.rows import row
from tests.infra.migrations.hotel import Rows, asked, database
from tests.streams.sinks import stand

ZONE = ZoneInfo("Asia/Tokyo")
HOTEL = "second"
GREW = datetime.date(2016, 3, 1)
FIRST = datetime.date(2015, 12, 20)


def capacity(day: datetime.date) -> int:
    """40 rooms, from March on 60."""
    return 60 if day >= GREW else 40


def made_up() -> list[Booking]:
    """Rows of the file, read as the import reads them."""
    say = random.Random(7)
    found = []
    for n in range(700):
        arrival = FIRST + datetime.timedelta(say.randrange(110))
        status = say.choices(("Check-Out", "Canceled", "No-Show"), (70, 25, 5))[0]
        lead = say.randrange(60)
        nights = say.choice((0, 1, 1, 2, 3, 12))
        ended = arrival + datetime.timedelta(nights if status == "Check-Out" else 0)
        if status == "Canceled":
            ended = arrival - datetime.timedelta(say.randrange(lead + 1))
        segment, adr = say.choice(
            (
                ("Direct", "100.35"),
                ("Direct", "0"),
                ("Groups", "-6.38"),
                ("Complementary", "0"),
                ("Online TA", "77"),
            )
        )
        cells = row(
            arrival_date_year=str(arrival.year), arrival_date_month=f"{arrival:%B}",
            arrival_date_day_of_month=str(arrival.day), stays_in_weekend_nights="0",
            stays_in_week_nights=str(nights), lead_time=str(lead), reservation_status=status,
            reservation_status_date=str(ended), adr=adr, market_segment=segment,
            children=say.choice(("NA", "0", "2")), adults=str(say.randrange(1, 3)), company=str(n),
        )  # fmt: skip
        found.append(bookings.booking(cells))
    return found


@pytest.fixture(scope="module")
def file() -> list[Booking]:
    return made_up()


@pytest.fixture(scope="module")
def client(warehouse: Warehouse, file: list[Booking]) -> Iterator[Any]:
    """A fresh database with what the file's facts make of tables."""
    facts: list[RoomsFact] = []
    for n, one in enumerate(file):
        facts += bookings.facts(bookings.key(HOTEL, f"{n}", 1), one, ZONE)
    tables: defaultdict[str, list[Any]] = defaultdict(list)
    facts.sort(key=lambda fact: fact.occurred_at)
    for offset, at in enumerate(range(0, len(facts), 500)):
        some = facts[at : at + 500]
        said = encode(stand.answer(HOTEL, offset, some))
        for table, values in rows_of(Place("rooms", 0, offset, some[-1].occurred_at), said):
            tables[table].append(values)
    with database(warehouse) as found:
        for table, lines in tables.items():
            found.insert(table, lines, column_names=COLUMNS[table])
        settings = Rows(found)
        settings.hotel(HOTEL, 40, "2015-01-01 00:00", zone="Asia/Tokyo")
        settings.hotel(HOTEL, 60, "2016-02-29 16:00", zone="Asia/Tokyo")  # March 1st in Tokyo
        settings.write()
        yield found


Count = Counter[tuple[datetime.date, str]]


def counted(file: list[Booking]) -> tuple[Count, defaultdict[datetime.date, Decimal]]:
    """What happened on each date, and the room revenue."""
    days: Count = Counter()
    revenue: defaultdict[datetime.date, Decimal] = defaultdict(Decimal)
    for one in file:
        days[one.booked_on, "gross_pickup_nights"] += one.nights
        if one.status == "No-Show":
            days[one.arrival, "no_shows"] += 1
        if one.status == "Canceled":
            days[one.arrival, "cancellations"] += 1
        if one.status != "Check-Out":
            continue
        days[one.arrival, "arrivals" if one.nights else "day_use"] += 1
        days[one.departure, "departures"] += one.nights > 0
        for night in range(one.nights):
            day = one.arrival + datetime.timedelta(night)
            days[day, "rooms_occupied"] += 1
            days[day, "rooms_complimentary"] += one.complimentary
            days[day, "guests_in_house"] += one.adults + one.children + one.babies
            days[day, "stayovers"] += night > 0
            revenue[day] += one.rate
    return days, revenue


def test_each_day(client: Any, file: list[Booking]) -> None:
    days, revenue = counted(file)
    names = sorted({name for _, name in days})
    found = asked(
        client, f"SELECT business_date, capacity, room_revenue, {', '.join(names)} FROM v_occupancy_daily"
    )
    assert len(found) == len({day for day, _ in days})
    for day, rooms, money, *values in found:
        assert rooms == capacity(day), day
        assert (money, values) == (revenue[day], [days[day, name] for name in names]), day


def test_each_month_with_the_rooms_it_had(client: Any, file: list[Booking]) -> None:
    days, revenue = counted(file)
    busy = {
        day
        for (day, name), n in days.items()
        if n and name in ("rooms_occupied", "arrivals", "departures", "day_use")
    }
    span = [min(busy) + datetime.timedelta(n) for n in range((max(busy) - min(busy)).days + 1)]
    assert datetime.date(2016, 2, 29) in span
    found = asked(
        client,
        "SELECT month, days, rooms_available, rooms_sold, occupancy_usali, room_revenue FROM v_kpis_monthly",
    )
    assert len(found) == len({(day.year, day.month) for day in span})
    for month, n, rooms, sold, percent, money in found:
        own = [day for day in span if (day.year, day.month) == (month.year, month.month)]
        wanted = sum(days[day, "rooms_occupied"] - days[day, "rooms_complimentary"] for day in own)
        there = sum(capacity(day) for day in own)
        assert (n, rooms, sold, money) == (len(own), there, wanted, sum(revenue[day] for day in own)), month
        assert percent == (Decimal(100 * wanted) / there).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_the_books_on_new_years_eve(client: Any, file: list[Booking]) -> None:
    eve = datetime.date(2015, 12, 31)
    wanted: Counter[datetime.date] = Counter()
    for one in file:
        if one.booked_on <= eve and not (one.status != "Check-Out" and one.ended <= eve):
            wanted.update(
                (one.arrival + datetime.timedelta(night)).replace(day=1) for night in range(one.nights)
            )
    sql = "SELECT month, room_nights FROM v_on_the_books_at(as_of = '2015-12-31')"
    assert dict(asked(client, sql)) == dict(wanted)
    sql = (
        "SELECT toDate32(toStartOfMonth(stay_date)), sum(room_nights) FROM"
        " v_on_the_books_daily_at(as_of = '2015-12-31 14:59:59', known = now64()) GROUP BY 1"
    )
    assert dict(asked(client, sql)) == dict(wanted)
