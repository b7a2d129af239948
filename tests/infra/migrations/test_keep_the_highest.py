"""Of a folder's values the views show the one that reflects the most, wherever it lies on the log."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from schemas.codec import encode
from schemas.ids import new_id
from schemas.record import Record
from schemas.records.folds import OccupancyState, PerformanceState, RevenueState, ServiceLoadState
from streams.sinks.place import Place
from streams.sinks.rows import COLUMNS, rows_of

DAY = datetime.date(2026, 3, 1)
HOUSE = (
    "rooms occupied out_of_order out_of_service dirty ready guests arrivals_expected arrivals_done "
    "departures_expected departures_done"
)
STEPS = "open assigned accepted started completed breached_open"
WORK = "assigned accepted completed released response_ms resolution_ms resolved_on_time ratings rating_sum"


def values(hotel: str, n: int) -> dict[str, Record]:
    """What each folder says when it has folded `n` facts, under its topic."""

    def each(names: str) -> dict[str, Any]:
        return dict.fromkeys(names.split(), n)

    def head(kind: str, own: str) -> dict[str, Any]:
        vector = {"rooms": n, "settings": 3}
        return {"property_id": hotel, "kind": kind, "id": own, "vector": vector, "as_of": n}

    return {
        "occupancy.state": OccupancyState(
            **head("occupancy", "live"), business_date=DAY, **each(HOUSE)
        ),
        "revenue.state": RevenueState(
            **head("revenue", "2026-03-01"), business_date=DAY, currency="EUR", room_revenue=Decimal(n),
            other_revenue=Decimal(0), room_nights=n, complimentary_nights=0, charges=n,
        ),
        "service_load.state": ServiceLoadState(
            **head("service_load", "spa"), **each(STEPS), oldest_open_at=None,
            credits_open=0.5,
        ),
        "performance.state": PerformanceState(
            **head("performance", "ben"), department="spa", on_shift=True, on_break=False,
            **each(WORK), credits_done=1.0,
        ),
    }  # fmt: skip


def test_what_a_thawed_folder_writes_late_is_not_shown(views: Any) -> None:
    hotel = new_id()
    for offset, n in enumerate((5, 9, 7)):  # the last one is the thawed worker's
        for topic, record in values(hotel, n).items():
            for table, row in rows_of(Place(topic, 0, offset, 10), encode(record)):
                views.insert(table, [row], column_names=COLUMNS[table])
    for view, column in (
        ("v_occupancy_live", "occupied"),
        ("v_revenue_live", "charges"),
        ("v_service_load", "started"),
        ("v_staff_performance", "completed"),
    ):
        query = f"SELECT {column} FROM {view} WHERE property_id = {{p:String}}"
        assert views.query(query, parameters={"p": hotel}).result_rows == [(9,)], view
