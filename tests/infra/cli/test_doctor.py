"""`concierge doctor` finds what is missing and says how to mend it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

from infra import topics
from infra.cli import doctor
from infra.runtime.settings import Settings
from infra.supervisor import checks
from tests.fixtures_kafka import free_ports
from tests.fixtures_warehouse import Warehouse
from tests.infra.cli.test_cli import concierge


def test_a_data_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    found = doctor._machine(Settings(data_dir=tmp_path / "not" / "made" / "yet"))
    assert (found[0].what, found[0].well) == ("disk", True)


def test_nothing_runs(tmp_path: Path) -> None:
    port, warehouse = free_ports(2)
    done = concierge(
        "doctor",
        "--json",
        folder=tmp_path,
        CONCIERGE_KAFKA_PORT=str(port),
        CONCIERGE_WAREHOUSE_PORT=str(warehouse),
        CONCIERGE_GATWAY_PORT="1",
    )
    assert done.returncode == 1
    found = {one["what"]: one for one in json.loads(done.stdout.splitlines()[-1])["findings"]}
    assert found["disk"]["well"]
    assert found["settings"]["says"] == "CONCIERGE_GATWAY_PORT: no such setting"
    assert found["secrets"]["mend"] == "run `concierge up` once"
    assert not found["kafka"]["well"]
    assert found["warehouse"]["mend"].startswith("start it with `concierge up`, or see ")
    assert found["topics"]["mend"].startswith("start it with `concierge up`, or check CONCIERGE_KAFKA_URL")
    assert found["tables"]["mend"] == "start it with `concierge up`"
    assert all(one["mend"] for one in found.values() if not one["well"])
    assert done.stderr == ""


async def test_engines_elsewhere_are_looked_at_through_topics_and_tables(
    kafka: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    await topics.ensure(Settings(kafka_url=kafka))
    done = await asyncio.to_thread(
        concierge,
        "doctor",
        "--json",
        folder=tmp_path,
        CONCIERGE_KAFKA_URL=kafka,
        CONCIERGE_CLICKHOUSE_URL=warehouse.url,
        CONCIERGE_CLICKHOUSE_WRITER=warehouse.writer,
        CONCIERGE_CLICKHOUSE_WRITER_PASSWORD=warehouse.writer_password,
        CONCIERGE_CLICKHOUSE_DATABASE="doctors",
    )
    found = {one["what"]: one for one in json.loads(done.stdout.splitlines()[-1])["findings"]}
    assert not {"kafka", "kafka jars", "warehouse"} & set(found)
    assert found["topics"]["well"]
    assert (found["tables"]["says"], found["tables"]["mend"]) == (
        "0001_create_database is pending",
        "run `concierge migrate`",
    )


async def test_a_part_of_a_product_that_runs_is_not_to_be_started_by_hand(tmp_path: Path) -> None:
    base = free_ports(8)[0]
    loaded = Settings(data_dir=tmp_path, kafka_url="127.0.0.1:1", probe_base_port=base)
    for lives, mend in ((False, "start it with `concierge up`, or see "), (True, "see ")):
        with checks.lock(tmp_path) if lives else contextlib.nullcontext():
            found = {one.what: one for one in await doctor._parts(loaded)}
        assert found["sink"].mend == f"{mend}{tmp_path / 'logs' / 'sink.log'}"
