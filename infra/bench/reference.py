"""The figures that a bookings file's own reference says, against what the data team's views say."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import clickhouse_connect

from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings

STATUSES = {"checked_out": "Check-Out", "cancelled": "Canceled", "no_show": "No-Show"}
DAY = (
    "rooms_occupied", "rooms_complimentary", "guests_in_house", "rooms_sold", "arrivals", "departures",
    "stayovers", "day_use", "no_shows", "gross_pickup_nights",
)  # fmt: skip
MONTH = ("days", "rooms_occupied", "rooms_complimentary", "rooms_sold")
# Name of a figure -> its value.
Figures = dict[str, Any]


@contextmanager
def reader(settings: Settings) -> Iterator[Any]:
    """The warehouse as the data team has it."""
    client = clickhouse_connect.get_client(**access(settings, reader=True))
    try:
        yield client
    finally:
        client.close()


def wrong(settings: Settings, property_id: str, file: Path) -> tuple[list[str], int]:
    """A sentence for each figure that differs, and how many were looked at. Blocking.

    `x.csv.gz` has its reference in `x_reference.json` and `x_daily.csv` beside it, or none.
    """
    wanted = said(file)
    if not wanted:
        return [], 0
    with reader(settings) as client:
        found = held(client, property_id)
    differing = [name for name, value in wanted.items() if found.get(name, 0) != value]
    return [f"{name} is {found.get(name)}, not {wanted[name]}" for name in differing], len(wanted)


def said(file: Path) -> Figures:
    """What the reference of this file says; nothing where it has none."""
    stem = file.name.removesuffix(".gz").removesuffix(".csv")
    whole, daily = file.with_name(f"{stem}_reference.json"), file.with_name(f"{stem}_daily.csv")
    if not whole.exists() or not daily.exists():
        return {}
    known = json.loads(whole.read_text())
    figures: Figures = {f"status {name}": count for name, count in known["by_status"].items()}
    figures |= {"overnight stays": known["overnight_stays"], "day use stays": known["day_use_stays"]}
    for month, row in known["months"].items():
        figures |= {f"{month} {name}": row[name] for name in MONTH}
        figures[f"{month} room_revenue"] = Decimal(row["room_revenue"])
    with daily.open() as lines:
        for row in csv.DictReader(lines):
            day = row["business_date"]
            figures |= {f"{day} {name}": int(row[name]) for name in DAY}
            figures[f"{day} room_revenue"] = Decimal(row["room_revenue_cents"]) / 100
    return figures


def held(client: Any, property_id: str) -> Figures:
    """What the views say of a hotel, by the same names."""

    def rows(columns: str, view: str, more: str = "") -> Any:
        sql = f"SELECT {columns} FROM {view} WHERE property_id = {{p:String}} {more}"  # noqa: S608  # our own names
        return client.query(sql, parameters={"p": property_id}).result_rows

    figures: Figures = {
        f"status {STATUSES.get(status, status)}": count
        for status, count in rows("status, count()", "v_reservations", "GROUP BY 1")
    }
    [(stays, day_use)] = rows("countIf(NOT day_use), countIf(day_use)", "v_stays")
    figures |= {"overnight stays": stays, "day use stays": day_use}
    shapes = (("month", "v_occupancy_monthly", MONTH, 7), ("business_date", "v_occupancy_daily", DAY, 10))
    for time, view, names, letters in shapes:
        for at, revenue, *counts in rows(f"{time}, round(room_revenue, 2), {', '.join(names)}", view):
            key = str(at)[:letters]
            figures |= {f"{key} {name}": count for name, count in zip(names, counts, strict=True)}
            figures[f"{key} room_revenue"] = Decimal(revenue)
    return figures
