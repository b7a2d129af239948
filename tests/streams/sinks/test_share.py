"""Sinks side by side: each has its partitions, and whoever stops, dies or is paused, the tables are exact."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from infra.runtime import kafka
from infra.runtime.settings import Settings
from schemas import topics as t
from streams.sinks import requests
from streams.sinks import share as share_module
from streams.sinks.share import PAUSED_SECONDS, Lost, Share
from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE
from tests.streams.sinks import stand
from tests.streams.sinks.test_rebuild import SHADOWS, exact

# The shortest session that a broker takes, so that the test waits no longer than it must.
RUN = (
    "from streams.sinks import rebuild, share; "
    "share.SESSION_MS, share.HEARTBEAT_MS, share.PAUSED_SECONDS = 6_000, 500, 4; "
    "rebuild.ASK_SECONDS = 0.1; "
    "from streams.sink import main; main()"
)


class Member:
    """A sink's process; `numbers` as it logged them last."""

    def __init__(self, settings: Settings, folder: Path, name: str) -> None:
        self._settings, self._name, self._folder = settings, name, folder / name
        self._folder.mkdir(exist_ok=True)
        self.start()

    def start(self) -> None:
        self.log = self._folder / f"{time.monotonic_ns()}.log"
        environment = {
            **os.environ,
            "CONCIERGE_DATA_DIR": str(self._folder),
            "CONCIERGE_KAFKA_URL": self._settings.kafka_url,
            "CONCIERGE_PARTITIONS": "6",
            "CONCIERGE_CLICKHOUSE_URL": self._settings.clickhouse_url,
            "CONCIERGE_CLICKHOUSE_DATABASE": self._settings.clickhouse_database,
            "CONCIERGE_CLICKHOUSE_WRITER": self._settings.clickhouse_writer,
            "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": (
                self._settings.clickhouse_writer_password.get_secret_value()
            ),
            "CONCIERGE_WORKER_ID": self._name,
        }
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN], env=environment, stdout=output, stderr=output
            )

    def numbers(self) -> list[int]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if '"partitions"' in line]
        return list(lines[-1]["numbers"]) if lines else []


def shares(a: Member, b: Member) -> tuple[int, int, list[int]]:
    ours, theirs = a.numbers(), b.numbers()
    return len(ours), len(theirs), sorted(ours + theirs)


@pytest.fixture
async def house(shared: str, warehouse: Warehouse) -> Settings:
    settings = stand.settings_for(shared, warehouse)
    await stand.prepare(settings)
    return settings


class Hotels:
    """One on each partition; `sent`: answers about them, each of one charge."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names = [
            next(h for h in iter(stand.new_hotel, "") if t.partition_of(h, 6) == p) for p in range(6)
        ]
        self.sent = 0

    async def put(self, producer: AIOKafkaProducer, rounds: int) -> None:
        for hotel in self._names:
            at = await stand.end_of(self._settings, t.ROOMS, hotel)
            for n in range(rounds):
                answer = stand.answer(hotel, at + n, [stand.charged("r", n, "1")])
                await kafka.send(producer, self._settings, t.ROOMS, hotel, answer)
                self.sent += 1

    async def written(self) -> None:
        """Waits until the tables have as many rows, and holds that they have no more."""
        client = stand.client(self._settings)
        for table in ("charges", "decisions"):
            said = f"SELECT count() FROM {table} WHERE property_id IN {{h:Array(String)}}"

            def count(said: str = said) -> int:
                return int(client.query(said, parameters={"h": self._names}).result_rows[0][0])

            assert await stand.until(count, self.sent) == self.sent


async def test_stopped_killed_and_paused_sinks_lose_and_double_nothing(
    house: Settings, tmp_path: Path
) -> None:
    hotels = Hotels(house)

    a, b = Member(house, tmp_path, "a"), Member(house, tmp_path, "b")
    try:
        async with stand.producing(house) as producer:
            wanted = (3, 3, [0, 1, 2, 3, 4, 5])
            assert await stand.until(lambda: shares(a, b), wanted) == wanted
            await hotels.put(producer, 3)
            await hotels.written()
            a.process.send_signal(signal.SIGSTOP)
            await hotels.put(producer, 3)
            assert await stand.until(b.numbers, [0, 1, 2, 3, 4, 5]) == [0, 1, 2, 3, 4, 5]
            await hotels.written()
            a.process.send_signal(signal.SIGCONT)
            assert await stand.until(lambda: shares(a, b), wanted) == wanted
            assert '"paused"' in a.log.read_text()
            b.process.kill()
            b.process.wait()
            await hotels.put(producer, 2)
            b.start()
            await hotels.put(producer, 2)
            await hotels.written()
        await exact(house)
    finally:
        for one in (a, b):
            one.process.kill()
            one.process.wait()


async def test_two_sinks_of_which_one_dies_and_a_rebuild_lose_and_double_nothing(
    house: Settings, tmp_path: Path
) -> None:
    hotels, client = Hotels(house), stand.client(house)
    wanted = (3, 3, [0, 1, 2, 3, 4, 5])
    a, b = Member(house, tmp_path, "a"), Member(house, tmp_path, "b")
    try:
        async with stand.producing(house) as producer:
            assert await stand.until(lambda: shares(a, b), wanted) == wanted
            await hotels.put(producer, 10)
            await hotels.written()
            client.command("ALTER TABLE charges DELETE WHERE _offset % 3 = 0 SETTINGS mutations_sync = 1")
            asked = requests.ask(client, ["charges", "decisions"], range(6))
            theirs = set(a.numbers())

            def left() -> set[int]:
                """Partitions that are still only asked for."""
                return {one.partition for one in requests.of(client, asked) if one.state == "asked"}

            def done() -> bool:
                return all(one.state == "done" for one in requests.of(client, asked))

            await hotels.put(producer, 1)
            assert await stand.until(lambda: theirs <= left(), False) is False
            a.process.kill()
            a.process.wait()
            a.start()
            await hotels.put(producer, 3)
            assert await stand.until(done, True)
            await hotels.put(producer, 2)
            await hotels.written()
        await exact(house)
        assert client.query(SHADOWS).result_rows == [(0,)]
    finally:
        for one in (a, b):
            one.process.kill()
            one.process.wait()


async def test_who_lost_its_place_to_another_of_its_id_writes_nothing_more(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_module, "HEARTBEAT_MS", 500)
    stop = asyncio.Event()
    async with Share(house) as first:
        mine = await first.given(stop)
        assert mine is not None
        async with Share(house) as second:
            assert await second.given(stop)
            with pytest.raises(Lost):
                await asyncio.wait_for(_checked(first, mine), PATIENCE)


async def _checked(share: Share, generation: int) -> None:
    while True:
        share.check(generation)
        await asyncio.sleep(0.05)


async def test_the_group_waits_for_a_write_and_an_older_generation_writes_nothing(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_module, "HEARTBEAT_MS", 500)
    stop = asyncio.Event()
    other = house.model_copy(update={"worker_id": "other"})
    async with Share(house) as share:
        mine = await share.given(stop)
        assert mine is not None
        assert share.numbers == frozenset(range(6))
        second = Share(other)
        entering = asyncio.create_task(second.__aenter__())
        assert await stand.until(lambda: share.keeps(mine), False) is False
        share.check(mine)  # what is in flight may be finished
        assert not second.numbers
        share.release()
        await entering
        assert await share.given(stop) != mine
        assert sorted([*share.numbers, *second.numbers]) == list(range(6))
        with pytest.raises(Lost):
            share.check(mine)
        await second.__aexit__(None, None, None)


async def test_after_a_pause_nothing_is_its_own_until_the_group_says_so(house: Settings) -> None:
    stop = asyncio.Event()
    async with Share(house) as share:
        mine = await share.given(stop)
        assert mine is not None
        share._alive_at -= PAUSED_SECONDS + 1
        with pytest.raises(Lost):
            share.check(mine)
        assert not share.keeps(mine)
        again = await share.given(stop)
        assert again is not None
        assert again > mine
        assert share.numbers == frozenset(range(6))
        share.check(again)
