"""Every query of the dashboard runs on the real engine, as `reader`, over the migrated tables."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import pytest
from pydantic import SecretStr

from dashboards import warehouse
from dashboards.warehouse import Warehouse
from infra.migrations.runner import migrate
from infra.runtime.settings import Settings
from schemas.ids import new_id
from streams.sinks.rows_logs import SYSTEM_COLUMNS
from tests.fixtures_warehouse import Warehouse as Engine
from tests.streams.sinks import stand


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


MORE: dict[str, dict[str, Any]] = {
    "FRESH": {"partition": 3},
    "REVOKED": {"token": "t", "user": "u", "issued_at": 1_790_000_000_000},
}
QUERIES = {name: text for name, text in vars(warehouse).items() if isinstance(text, str) and name.isupper()}


@pytest.mark.parametrize("name", QUERIES)
def test_the_query_runs(reader: Warehouse, name: str) -> None:
    assert isinstance(reader.rows(QUERIES[name], hotel="no-such'hotel", **MORE.get(name, {})), list)


@pytest.mark.parametrize("name", QUERIES)
def test_it_reads_views_only(name: str) -> None:
    tokens = QUERIES[name].split()
    assert all(
        after.startswith("v_") for word, after in itertools.pairwise(tokens) if word in ("FROM", "JOIN")
    )


def test_open_requests_are_the_ones_not_over(settings: Settings, reader: Warehouse) -> None:
    columns = ["_partition", "_offset", "_fact", "property_id", "kind", "request_id", "item", "room_id"]
    rows = [
        [999, 1, 0, "board", "requested", "one", "towels", "101"],
        [999, 2, 0, "board", "requested", "two", "taxi", "102"],
        [999, 3, 0, "board", "accepted", "two", "", ""],
        [999, 4, 0, "board", "completed", "one", "", ""],
    ]
    writer = stand.client(settings)
    writer.insert("service_facts", rows, column_names=columns)
    writer.close()
    [found] = reader.rows(warehouse.QUEUE, hotel="board")
    assert (found["status"], found["item"], found["room_id"]) == ("accepted", "taxi", "102")
    assert [row["n"] for row in reader.rows(warehouse.AGES, hotel="board")] == [1]


@pytest.mark.parametrize(
    ("hotel", "token", "user", "gone"),
    [
        ("h1", "t", "ana", 1),
        ("h1", "t", "ben", 0),
        ("h2", "t", "ana", 0),
        ("h2", "t7", "ana", 1),
        ("h3", "t", "x", 1),
    ],
)
def test_revoked_by_any_name_of_the_token(
    settings: Settings, reader: Warehouse, hotel: str, token: str, user: str, gone: int
) -> None:
    rows = [
        [999, 1, "h1", "user", "ana", 5_000],
        [999, 2, "*", "token", "t7", 5_000],
        [999, 3, "h3", "property", "h3", 5_000],
    ]
    writer = stand.client(settings)
    writer.insert(
        "revocations", rows, column_names=["_partition", "_offset", "property_id", "kind", "id", "before"]
    )
    writer.close()
    asked = {"hotel": hotel, "token": token, "user": user}
    assert [row["n"] for row in reader.rows(warehouse.REVOKED, issued_at=4_999, **asked)] == [gone]
    assert [row["n"] for row in reader.rows(warehouse.REVOKED, issued_at=5_000, **asked)] == [0]


def test_a_watchdogs_word_stands_until_it_says_that_it_is_over(settings: Settings, reader: Warehouse) -> None:
    hotel, now = stand.new_hotel(), datetime.datetime.now(datetime.UTC)
    said = [
        (hotel, "lag", "sink", "behind", 3, False),
        (hotel, "lag", "gateway", "behind, too", 3, False),
        (hotel, "lag", "sink", "caught up", 2, True),
        (hotel, "part_died", "sink", "ended", 1, False),
        (hotel, "part_died", "push", "ended yesterday", 25 * 60, False),
    ]
    rows = [
        [0, place, one[0], new_id(), now, *one[1:4], 0.0, now - datetime.timedelta(minutes=one[4]), one[5]]
        for place, one in enumerate(said)
    ]
    writer = stand.client(settings)
    try:
        writer.insert("system_alerts", rows, column_names=SYSTEM_COLUMNS)
    finally:
        writer.close()
    found = reader.rows(warehouse.SYSTEM, hotel=hotel)
    assert [one["sentence"] for one in found] == ["ended", "behind, too"]
