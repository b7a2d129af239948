"""What the tests of the warehouse share: raw HTTP, as curl does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
import urllib3

from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture(scope="session")
def ask(warehouse: Warehouse) -> Iterator[Ask]:
    """`ask(sql, user="reader", **params)`: one POST, whatever the status."""
    pool = urllib3.PoolManager(maxsize=20, retries=False)

    def send(
        body: str | bytes = b"",
        user: str = "writer",
        method: str = "POST",
        headers: dict[str, str] | None = None,
        preload: bool = True,
        **params: str,
    ) -> urllib3.BaseHTTPResponse:
        password = warehouse.writer_password if user == "writer" else warehouse.reader_password
        name = warehouse.writer if user == "writer" else warehouse.reader
        return pool.request(
            method,
            f"{warehouse.url}/?{urlencode({'database': warehouse.database, **params})}",
            headers={"X-ClickHouse-User": name, "X-ClickHouse-Key": password, **(headers or {})},
            body=None if method == "GET" else body,
            preload_content=preload,
            timeout=PATIENCE,
        )

    yield send
    pool.clear()


@pytest.fixture(scope="session")
def events(ask: Ask, warehouse: Warehouse) -> str:
    """A table `events` with 1,000 rows that reader may read."""
    ask("DROP TABLE IF EXISTS events")
    made = ask("CREATE TABLE events (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    assert made.status == 200, made.data
    assert ask("INSERT INTO events SELECT number, toString(number) FROM numbers(1000)").status == 200
    return "events"
