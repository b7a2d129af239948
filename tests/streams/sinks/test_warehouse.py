"""The sink's client: what it writes it reads back, and a repeated write changes nothing."""

from __future__ import annotations

import pytest

from infra.migrations import runner
from infra.runtime.settings import Settings
from streams.sinks.batch import Batch
from streams.sinks.place import Place
from streams.sinks.warehouse import Progress, Warehouse
from tests.fixtures_warehouse import Warehouse as House
from tests.streams.sinks import stand


@pytest.fixture(scope="module")
def house(warehouse: House) -> Settings:
    """A fresh database."""
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings, stand.tables())
    return settings


def audits(partition: int, *offsets: int) -> Batch:
    """Night audits at these offsets of a partition of rooms."""
    batch = Batch("rooms", partition)
    for offset in offsets:
        head = (partition, offset, 0, "h1", f"f{offset}", "e", "c", "a", "admin", 1, 2, 3, "concierge", "")
        row = (*head, "night_audit_done", stand.DAY, stand.DAY)
        batch.add(Place("rooms", partition, offset, 3), [("night_audits", row)], {})
    return batch


def test_a_write_repeated_whole_is_one_write(house: Settings) -> None:
    tables = Warehouse(house)
    progress = [Progress("rooms", 1, 3, 1_000, 2_000)]
    for _ in range(3):
        tables.write(list(audits(1, 1, 2).inserts()), progress)
    client = stand.client(house)
    rows = client.query("SELECT _offset FROM night_audits WHERE _partition = 1 ORDER BY 1").result_rows
    assert rows == [(1,), (2,)]
    assert tables.progress()["rooms", 1] == progress[0]
    assert tables.marks()["night_audits", "rooms", 1] == 2
    tables.close()


def test_a_zombies_other_cut_of_the_same_records_is_merged_away(house: Settings) -> None:
    tables = Warehouse(house)
    tables.write(list(audits(2, 11, 12).inserts()), [])
    tables.write(list(audits(2, 12, 13).inserts()), [])
    client = stand.client(house)
    rows = client.query("SELECT _offset FROM night_audits FINAL WHERE _partition = 2 ORDER BY 1").result_rows
    assert rows == [(11,), (12,), (13,)]
    tables.close()


def test_older_progress_does_not_win(house: Settings) -> None:
    tables = Warehouse(house)
    tables.write([], [Progress("staff", 0, 9, 5, 6)])
    tables.write([], [Progress("staff", 0, 4, 5, 6)])
    assert tables.progress()["staff", 0].next_offset == 9
    tables.close()
