"""Shadows: what they take over, what a swap changes, and that none is left to swap."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from infra.migrations import runner
from infra.runtime.settings import Settings
from streams.sinks.held import Gap
from streams.sinks.shadow import Shadow, drop_left
from streams.sinks.warehouse import Warehouse
from tests.fixtures_warehouse import Warehouse as House
from tests.streams.sinks import stand
from tests.streams.sinks.test_warehouse import audits


@pytest.fixture(scope="module")
def house(warehouse: House) -> Settings:
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings, stand.tables())
    return settings


def never() -> None:
    """May always."""


def test_what_is_not_held_is_taken_over_and_the_swap_is_whole(house: Settings) -> None:
    tables = Warehouse(house)
    stand.client(house).command("SYSTEM STOP MERGES night_audits")  # or what is doubled may be once again
    tables.write(audits(1, *range(1, 9)).inserts(), [])
    tables.write(audits(1, 8).inserts(), [])  # doubled
    shadow = Shadow(tables, ["night_audits"], 1)
    shadow.create()
    shadow.take_over("rooms", Gap(2, 6, (3, 4)))
    shadow.take_over("services", Gap(0, 99))
    shadow.write(audits(1, 8).inserts())
    assert (shadow.rows(), tables.ask("SELECT count() FROM night_audits")) == (3, [(9,)])
    shadow.swap(never)
    assert tables.ask("SELECT _offset FROM night_audits ORDER BY 1") == [(2,), (5,), (8,)]
    tables.write(audits(1, 9).inserts(), [])
    assert tables.ask("SELECT max(_offset) FROM night_audits") == [(9,)]
    shadow.drop()
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        shadow.swap(never)
    tables.close()


def test_no_rows_are_swapped_in_as_well(house: Settings) -> None:
    tables = Warehouse(house)
    tables.write(audits(1, 20).inserts(), [])
    shadow = Shadow(tables, ["night_audits"], 1)
    shadow.create()
    shadow.swap(never)
    assert tables.ask("SELECT count() FROM night_audits") == [(0,)]
    shadow.drop()
    tables.close()


def test_what_somebody_left_of_these_partitions_goes(house: Settings) -> None:
    tables = Warehouse(house)
    for partition in (1, 2, 11):
        Shadow(tables, ["charges"], partition).create()
    drop_left(tables, [1, 3])
    left = tables.ask(
        "SELECT name FROM system.tables"
        " WHERE database = currentDatabase() AND name LIKE 'rebuild\\_%' ORDER BY 1"
    )
    assert [name.split("_")[1] for (name,) in left] == ["11", "2"]
    drop_left(tables, [2, 11])
    assert tables.ask("SELECT count() FROM rebuilds") == [(0,)]
    tables.close()
