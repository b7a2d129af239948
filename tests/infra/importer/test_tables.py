"""What the tables say of an import."""

from __future__ import annotations

import pytest

from infra.importer.tables import Landed, Tables
from infra.migrations import runner
from infra.runtime.problems import Problem
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


def test_batches_have_landed_once_progress_is_behind_them(warehouse: Warehouse) -> None:
    settings = stand.settings_for("unused:1", warehouse, database="concierge")
    runner.migrate(settings)
    hotel = stand.new_hotel()
    writer = stand.client(settings)
    tables = Tables(settings, hotel, 5_000)
    columns = ["_partition", "_offset", "property_id", "topic", "causation_id", "facts"]
    assert tables.landed(["b1", "b2"]) == Landed(0, 0, False)
    writer.insert("decisions", [[5_000, 7, hotel, "rooms", "b1", 3]], column_names=columns)
    assert tables.landed(["b1", "b2"]) == Landed(1, 3, False)
    writer.insert("decisions", [[5_000, 8, hotel, "rooms", "b2", 4]], column_names=columns)
    assert tables.landed(["b1", "b2"]) == Landed(2, 7, False)
    writer.insert("progress", [["rooms", 5_000, 9]], column_names=["topic", "_partition", "next_offset"])
    assert tables.landed(["b1", "b2"]) == Landed(2, 7, True)
    assert list(tables.known()) == []
    assert tables.known_letters(["x"]) == set()
    writer.command("DELETE FROM progress WHERE _partition = 5000")


def test_away_is_one_sentence(warehouse: Warehouse) -> None:
    settings = stand.settings_for("unused:1", warehouse).model_copy(
        update={"clickhouse_url": "http://127.0.0.1:1"}
    )
    with pytest.raises(Problem, match="does not answer the reader"):
        Tables(settings, "h1", 0)
