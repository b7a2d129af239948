from __future__ import annotations

import uuid

import clickhouse_connect
import pytest

from infra.migrations import runner
from infra.migrations.files import Migration, load
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from tests.fixtures_warehouse import Warehouse


@pytest.fixture
def settings(warehouse: Warehouse) -> Settings:
    return Settings(
        clickhouse_url=warehouse.url,
        clickhouse_database=f"migrated_{uuid.uuid4().hex[:8]}",
        clickhouse_writer=warehouse.writer,
        clickhouse_writer_password=warehouse.writer_password,
    )


def one(warehouse: Warehouse, sql: str) -> object:
    client = clickhouse_connect.get_client(
        host=warehouse.host,
        port=warehouse.port,
        username=warehouse.writer,
        password=warehouse.writer_password,
    )
    try:
        return client.command(sql)
    finally:
        client.close()


def test_from_nothing_to_all_and_again_to_nothing_new(settings: Settings, warehouse: Warehouse) -> None:
    assert all(row.state == "pending" for row in runner.status(settings))
    assert runner.migrate(settings) == tuple(migration.name for migration in load())
    assert runner.migrate(settings) == ()
    assert all(row.state == "applied" and row.applied_at for row in runner.status(settings))
    one(warehouse, f"DROP DATABASE {settings.clickhouse_database}")


def test_a_failure_is_told_and_runs_again(settings: Settings, warehouse: Warehouse) -> None:
    first = load()[0]
    table = "CREATE TABLE IF NOT EXISTS t (a Int8 COMMENT 'a; b, 50 % of') ENGINE = MergeTree ORDER BY a;"
    broken = Migration(2, "0002_make_t", "x", table + "SELECT nope;")
    with pytest.raises(Problem, match="0002_make_t failed at statement 2"):
        runner.migrate(settings, (first, broken))
    assert [row.state for row in runner.status(settings, (first, broken))] == ["applied", "pending"]
    assert runner.migrate(settings, (first, Migration(2, "0002_make_t", "y", table))) == ("0002_make_t",)
    assert one(warehouse, f"SELECT count() FROM {settings.clickhouse_database}.t") == 0
    with pytest.raises(Problem, match="was changed"):
        runner.migrate(settings, (first, broken))
    one(warehouse, f"DROP DATABASE {settings.clickhouse_database}")


def test_a_warehouse_that_is_not_there() -> None:
    with pytest.raises(Problem, match="did not let the writer in"):
        runner.migrate(Settings(clickhouse_url="http://127.0.0.1:1"))
