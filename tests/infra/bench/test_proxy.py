"""A reply that is lost on its way: the insert is done, and sent again it is done no second time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import Error

from infra.bench.proxy import Proxy
from infra.runtime.clickhouse import access
from infra.runtime.ports import free_row
from infra.runtime.settings import Settings
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


@pytest.fixture
def near(warehouse: Warehouse) -> Iterator[Settings]:
    """The warehouse's settings by a port of the proxy, with a table."""
    settings = stand.settings_for("", warehouse, database="concierge")
    straight = stand.client(settings)
    straight.command(
        "CREATE TABLE letters (n Int32) ENGINE = MergeTree ORDER BY n"
        " SETTINGS non_replicated_deduplication_window = 100"
    )
    yield settings.model_copy(update={"clickhouse_url": f"http://127.0.0.1:{free_row()}"})
    straight.command("DROP TABLE letters")


def port_of(settings: Settings) -> int:
    return int(settings.clickhouse_url.rpartition(":")[2])


def insert(settings: Settings, values: list[int]) -> list[Any]:
    """Inserts one row after the other, each until it is said to be done; the rows that are there then."""
    client = clickhouse_connect.get_client(**access(settings), compress=False)
    for value in values:
        token = {"insert_deduplication_token": str(value)}
        done = False
        while not done:  # the client itself tries once more, too
            with contextlib.suppress(Error, OSError):
                client.insert("letters", [[value]], column_names=["n"], settings=token)
                done = True
    rows = client.query("SELECT n FROM letters ORDER BY n").result_columns
    client.close()
    return list(rows[0])


async def test_an_insert_whose_reply_is_lost_is_sent_again_and_done_once(
    near: Settings, warehouse: Warehouse
) -> None:
    lose = iter([False, True, True, True])
    proxy = Proxy(warehouse.port, lambda: next(lose, False))
    async with proxy.listening(port_of(near)):
        assert await asyncio.to_thread(insert, near, [1, 2, 3]) == [1, 2, 3]
    assert proxy.lost == 3


async def test_where_nobody_listens_the_connection_ends(near: Settings) -> None:
    async with Proxy(free_row(), lambda: True).listening(port_of(near)):
        with pytest.raises((Error, OSError)):
            await asyncio.to_thread(insert, near, [1])
