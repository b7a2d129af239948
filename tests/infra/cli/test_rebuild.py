"""`concierge rebuild`: says what it did, what it can't, and that nobody is there to do it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from infra.cli import rebuild
from infra.migrations import runner
from infra.runtime import kafka as shell
from infra.runtime.problems import Problem
from schemas import topics as t
from streams.sinks import requests
from streams.sinks.requests import Request
from tests.fixtures_warehouse import Warehouse
from tests.infra.cli.test_cli import concierge
from tests.infra.cli.test_verify import environment
from tests.infra.oracle.test_verify import has_written
from tests.streams.sinks import stand


async def test_a_table_is_made_anew_and_verified(kafka: str, warehouse: Warehouse, tmp_path: Path) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    env = environment(kafka, warehouse, settings.clickhouse_database)
    async with stand.producing(settings) as producer, stand.sinking(settings):
        at = await stand.end_of(settings, t.ROOMS, hotel)
        await shell.send(
            producer, settings, t.ROOMS, hotel, stand.answer(hotel, at, [stand.charged("r", 1, "5")])
        )
        await has_written(settings, "rooms", hotel, at + 1)
        stand.client(settings).command("TRUNCATE TABLE charges")
        done = await asyncio.to_thread(
            lambda: concierge("rebuild", "charges", "--json", folder=tmp_path, **env)
        )
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout.splitlines()[-1])
        assert (report["state"], report["tables"], report["partitions"]) == ("done", ["charges"], 6)
        assert report["rows"] >= 1
        again = await asyncio.to_thread(
            lambda: concierge("verify", "--property", hotel, "--json", folder=tmp_path, **env)
        )
    # no folder runs here, and its live value would be said to stand still
    tables = json.loads(again.stdout.splitlines()[-1])["tables"]
    assert tables["charges"]["rows"] == 1
    assert not any(table["lacks"] or table["surplus"] for table in tables.values()), again.stdout


def test_a_table_that_there_is_not(tmp_path: Path) -> None:
    done = concierge("rebuild", "bookings", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "There is no table 'bookings': take all, or one of alert_facts, charge_voids, "
    )


def test_nobody_there(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings, stand.tables())
    client = stand.client(settings)
    monkeypatch.setattr(rebuild, "PATIENCE_SECONDS", 0.2)
    with pytest.raises(Problem, match=r"No sink makes partitions 0, 1 anew: start one \(`concierge up`"):
        rebuild._followed(client, requests.ask(client, ["charges"], [0, 1]))


def test_one_failure_is_the_whole_ones() -> None:
    one = Request("id", 0, 3, "done", ("charges",), records=5, of=5, rows=7, left_out=1)
    two = Request("id", 1, 3, "failed", ("charges",), note="why")
    assert rebuild.summed([one, two]) == {
        "id": "id", "state": "failed", "tables": ["charges"], "partitions": 2, "records": 5, "rows": 7,
        "left_out": 1,
    }  # fmt: skip
    assert rebuild.waiting([one, two, two.next(state="running", partition=4)]) == [4]
