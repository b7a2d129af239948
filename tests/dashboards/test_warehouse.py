"""Every query of the dashboard runs on the real engine, as `reader`, over the migrated tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import pytest
from pydantic import SecretStr

from dashboards import warehouse
from dashboards.warehouse import Warehouse
from infra.migrations.runner import migrate
from infra.runtime.settings import Settings
from tests.fixtures_warehouse import Warehouse as Engine


@pytest.fixture(scope="module")
def settings(warehouse: Engine) -> Settings:
    made = Settings(
        clickhouse_url=warehouse.url,
        clickhouse_database=warehouse.database,
        clickhouse_reader=warehouse.reader,
        clickhouse_reader_password=SecretStr(warehouse.reader_password),
        clickhouse_writer=warehouse.writer,
        clickhouse_writer_password=SecretStr(warehouse.writer_password),
    )
    migrate(made)
    return made


@pytest.fixture(scope="module")
def reader(settings: Settings) -> Warehouse:
    return Warehouse(settings)


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (warehouse.HOTELS, {}),
        (warehouse.AS_OF, {"topics": list(warehouse.LIVE_TOPICS), "partition": 3}),
        (warehouse.OCCUPANCY, {}),
        (warehouse.QUEUES, {}),
        (warehouse.STAFF, {}),
        (warehouse.REVENUE, {}),
        (warehouse.REQUESTS, {}),
        (warehouse.ALERTS, {}),
        (warehouse.SYSTEM, {}),
    ],
)
def test_the_query_runs(reader: Warehouse, query: str, more: dict[str, Any]) -> None:
    assert isinstance(reader.rows(query, hotel="no-such'hotel", **more), list)


def test_open_requests_are_the_ones_not_over(settings: Settings, reader: Warehouse) -> None:
    writer = clickhouse_connect.get_client(
        host=urlsplit(settings.clickhouse_url).hostname,
        port=urlsplit(settings.clickhouse_url).port,
        username=settings.clickhouse_writer,
        password=settings.clickhouse_writer_password.get_secret_value(),
        database=settings.clickhouse_database,
        autogenerate_session_id=False,
    )
    columns = ["_partition", "_offset", "_fact", "property_id", "kind", "request_id", "item", "room_id"]
    rows = [
        [0, 1, 0, "board", "requested", "one", "towels", "101"],
        [0, 2, 0, "board", "requested", "two", "taxi", "102"],
        [0, 3, 0, "board", "accepted", "two", "", ""],
        [0, 4, 0, "board", "completed", "one", "", ""],
    ]
    writer.insert("service_facts", rows, column_names=columns)
    found = reader.rows(warehouse.REQUESTS, hotel="board")
    assert [(one["request_id"], one["last"], one["what"], one["room"]) for one in found] == [
        ("two", "accepted", "taxi", "102")
    ]
