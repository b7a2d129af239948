"""Rows of a hotel for tests of views: a fact at a place on the log, with what its table needs."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from infra.migrations import runner
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand

UTC = datetime.UTC


def at(text: str) -> datetime.datetime:
    """`2026-03-01 10:00`, UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> datetime.date:
    """`2026-03-01`."""
    return datetime.date.fromisoformat(text)


class Rows:
    """Rows by table and columns, written together: an insert for each."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._rows: defaultdict[tuple[str, tuple[str, ...]], list[list[Any]]] = defaultdict(list)
        self._next = 0

    def put(
        self, table: str, hotel: str, when: datetime.datetime, *, logged: datetime.datetime | None = None,
        **values: Any,
    ) -> None:  # fmt: skip
        """One row. On a table of facts it occurred at `when`; it was logged then, too, unless said."""
        self._next += 1
        head: dict[str, Any] = {
            "_partition": 0, "_offset": self._next, "property_id": hotel, "logged_at": logged or when,
        }  # fmt: skip
        if table in ("chat_events", "decisions", "deliveries", "dead_letters"):
            head["event_id"] = f"e{self._next}"
        elif not table.endswith(("_settings", "_snapshots")):
            head |= {"occurred_at": when, "fact_id": f"f{self._next}"}
        row = head | values
        self._rows[table, tuple(row)].append(list(row.values()))

    def hotel(self, hotel: str, capacity: int, since: str, zone: str = "UTC", currency: str = "EUR") -> None:
        """Its settings, from that moment on."""
        self.put("property_settings", hotel, at(since), time_zone=zone, capacity=capacity, currency=currency)

    def stay(
        self, hotel: str, own: str, arrival: str, nights: int, *, rate: str = "100",
        status: str = "checked_out", charge: bool = True, booked: str = "2026-01-01", **values: Any,
    ) -> None:  # fmt: skip
        """A reservation in that status, booked at 09:00, with its room charges where it came."""
        first = day(arrival)
        last = first + datetime.timedelta(nights)
        said: dict[str, Any] = {"currency": "EUR", "adults": 1} | values
        self.put(
            "reservation_facts", hotel, at(f"{booked} 09:00"), kind="reservation_made", reservation_id=own,
            arrival=first, departure=last, booked_on=day(booked), rate=rate, **said,
        )  # fmt: skip
        if status in ("cancelled", "no_show"):
            self.put(
                "reservation_facts", hotel, at(f"{arrival} 20:00"), kind=f"reservation_{status}",
                reservation_id=own,
            )  # fmt: skip
        if status in ("in_house", "checked_out"):
            self.put("stay_facts", hotel, at(f"{arrival} 15:00"), kind="checked_in", reservation_id=own)
            for night in range(nights if charge else 0):
                self.charge(hotel, own, str(first + datetime.timedelta(night)), rate)
        if status == "checked_out":
            self.put("stay_facts", hotel, at(f"{last} 11:00"), kind="checked_out", reservation_id=own)

    def charge(
        self, hotel: str, own: str, date: str, amount: str, kind: str = "room", currency: str = "EUR"
    ) -> None:
        """A charge of that business date, posted at 23:00."""
        self.put(
            "charges", hotel, at(f"{date} 23:00"), kind="charge_posted", reservation_id=own, charge_kind=kind,
            business_date=day(date), amount=amount, currency=currency,
        )  # fmt: skip

    def write(self) -> None:
        """All of it."""
        for (table, columns), rows in self._rows.items():
            self._client.insert(table, rows, column_names=columns)
        self._rows.clear()


@contextmanager
def database(warehouse: Warehouse) -> Iterator[Any]:
    """A writer's client of a fresh database with all tables and views."""
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings)
    client = stand.client(settings)
    yield client
    stand.drop(settings)
    client.close()


def asked(client: Any, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    rows: list[tuple[Any, ...]] = client.query(sql, parameters=parameters).result_rows
    return rows
