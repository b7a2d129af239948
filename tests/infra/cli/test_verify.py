"""What stands in the way of `concierge verify` is one sentence, and so is a hotel nobody knows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from infra.runtime.kafka import send
from schemas.topics import ROOMS
from tests.fixtures_warehouse import Warehouse
from tests.infra.cli.test_cli import concierge
from tests.infra.oracle.test_verify import has_written
from tests.streams.sinks import stand


def environment(kafka: str, warehouse: Warehouse, database: str) -> dict[str, str]:
    return {
        "CONCIERGE_KAFKA_URL": kafka,
        "CONCIERGE_PARTITIONS": str(stand.PARTITIONS),
        "CONCIERGE_CLICKHOUSE_URL": warehouse.url,
        "CONCIERGE_CLICKHOUSE_DATABASE": database,
        "CONCIERGE_CLICKHOUSE_WRITER": warehouse.writer,
        "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": warehouse.writer_password,
    }


async def test_a_hotel_that_the_log_does_not_know(kafka: str, warehouse: Warehouse, tmp_path: Path) -> None:
    settings = stand.settings_for(kafka, warehouse)
    await stand.prepare(settings)
    env = environment(kafka, warehouse, settings.clickhouse_database)
    done = await asyncio.to_thread(
        lambda: concierge("verify", "--property", "no-such", "--json", folder=tmp_path, **env)
    )
    assert done.returncode == 1
    assert done.stderr == (
        "The log knows no hotel 'no-such': `concierge tail settings --no-follow` lists hotels.\n"
    )


async def test_what_was_found_is_said_for_people_and_programs(
    kafka: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    async with stand.producing(settings) as producer, stand.sinking(settings):
        start = await stand.end_of(settings, ROOMS, hotel)
        await send(producer, settings, ROOMS, hotel, stand.answer(hotel, start, [stand.made("r1", 1_000)]))
        await has_written(settings, "rooms", hotel, start + 1)
    env = environment(kafka, warehouse, settings.clickhouse_database)
    done = await asyncio.to_thread(
        lambda: concierge("verify", "--property", hotel, "--json", folder=tmp_path, **env)
    )
    assert done.returncode == 0, done.stderr
    assert "equal: " in done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["tables"]["reservation_facts"]["rows"] == 1


def test_a_warehouse_that_is_away(kafka: str, tmp_path: Path) -> None:
    done = concierge(
        "verify", folder=tmp_path, CONCIERGE_KAFKA_URL=kafka, CONCIERGE_CLICKHOUSE_URL="http://127.0.0.1:1"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The warehouse at http://127.0.0.1:1 does not answer (")
    assert done.stderr.count("\n") == 1
