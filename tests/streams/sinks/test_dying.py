"""A sink that dies behind each of its steps: the next one loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.runtime.failpoints import STEPS
from infra.runtime.settings import Settings
from schemas import topics as t
from streams.sinks.loop import Sink
from streams.sinks.reading import NAME
from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE
from tests.streams import dying
from tests.streams.sinks import stand
from tests.streams.sinks.test_loop import count, put

TABLES = ("reservation_facts", "charges", "decisions")
# Of these tables: facts as they are, and what is counted from them.
VIEWS = (
    "v_reservation_facts",
    "v_reservations",
    "v_decisions",
    "v_revenue_daily",
    "v_occupancy_daily",
    "v_kpis_daily",
)


@pytest.fixture(scope="module")
async def house(kafka: str, warehouse: Warehouse) -> Settings:
    """Topics and a fresh database."""
    settings = stand.settings_for(kafka, warehouse)
    await stand.prepare(settings, views=True)
    return settings


async def say(settings: Settings, hotel: str) -> None:
    """Two answers of three rows each, over three tables."""
    async with stand.producing(settings) as producer:
        for n in range(2):
            facts = [stand.made(f"r{n}", n), stand.charged(f"r{n}", n, "1")]
            await put(settings, producer, hotel, facts)


async def told_once(settings: Settings, hotel: str) -> None:
    """A sink that starts now brings all of it, once."""
    async with stand.sinking(settings):
        for table in TABLES:
            await stand.until(lambda table=table: count(settings, table, hotel), 2)  # type: ignore[misc]
        after = await stand.end_of(settings, t.ROOMS, hotel)
        said = (
            "SELECT max(next_offset) FROM progress WHERE topic = 'rooms' "
            f"AND _partition = {t.partition_of(hotel, settings.partitions)}"
        )
        await stand.until(lambda: stand.client(settings).query(said).result_rows[0][0], after)
    assert [count(settings, table, hotel) for table in TABLES] == [2, 2, 2]


@pytest.mark.parametrize("step", [step for step in STEPS[NAME] if step != "insert_sent"])
async def test_killed_behind_each_step_nothing_is_lost_or_doubled(house: Settings, step: str) -> None:
    hotel = stand.new_hotel()
    await say(house, hotel)
    with dying.at(f"{NAME}.{step}"), pytest.raises(dying.Killed):
        await asyncio.wait_for(Sink(house, asyncio.Event()).run(), PATIENCE)
    await told_once(house, hotel)


async def test_killed_while_an_insert_is_under_way_nothing_is_lost_or_doubled(
    house: Settings, warehouse: Warehouse, tmp_path: Path
) -> None:
    hotel = stand.new_hotel()
    await say(house, hotel)
    environment = {
        **os.environ,
        "CONCIERGE_DATA_DIR": str(tmp_path),
        "CONCIERGE_KAFKA_URL": house.kafka_url,
        "CONCIERGE_CLICKHOUSE_URL": warehouse.url,
        "CONCIERGE_CLICKHOUSE_DATABASE": house.clickhouse_database,
        "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": warehouse.writer_password,
        "CONCIERGE_FAILPOINTS": "sink.insert_sent=2",
    }
    sink = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.part", "sink"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, sorry = await asyncio.wait_for(sink.communicate(), PATIENCE)
    assert sink.returncode == -signal.SIGKILL, sorry.decode()
    assert sorry == b"failpoint sink.insert_sent, passing 2\n"
    await told_once(house, hotel)


async def test_rows_of_a_zombie_are_seen_in_no_view(house: Settings) -> None:
    """Another cut of the same records is in the tables twice until the engine merges it away."""
    hotel = stand.new_hotel()
    await say(house, hotel)
    await told_once(house, hotel)
    client = stand.client(house)

    def seen() -> dict[str, Any]:
        return {view: client.query(f"SELECT * FROM {view} ORDER BY ALL").result_rows for view in VIEWS}

    before = seen()
    assert any(hotel in row for row in before["v_reservations"])
    for table in TABLES:
        client.command(f"SYSTEM STOP MERGES {table}")  # or they may be once again before they are looked at
        client.command(f"INSERT INTO {table} SELECT * FROM {table} WHERE property_id = '{hotel}'")
    assert count(house, "charges", hotel) == 4
    assert seen() == before
