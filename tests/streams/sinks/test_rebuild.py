"""Tables made anew while the sink goes on: right at the end, whole at every moment, whatever dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from infra.oracle import compare, reading
from infra.runtime import kafka
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.records.operations import Delivery
from streams.sinks import rebuild, requests
from streams.sinks.attempt import Attempt, topics_of
from streams.sinks.loop import Sink
from streams.sinks.rebuild import Rebuild
from streams.sinks.rows import COLUMNS, TOPICS
from streams.sinks.shadow import Shadow
from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE
from tests.streams.sinks import stand
from tests.streams.sinks.test_loop import Killed, count, put

SHADOWS = "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'rebuild\\_%'"


@pytest.fixture
async def house(shared: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Topics, a fresh database, sinks that look for requests often."""
    monkeypatch.setattr(rebuild, "ASK_SECONDS", 0.1)
    settings = stand.settings_for(shared, warehouse)
    await stand.prepare(settings)
    return settings


async def ended(settings: Settings, asked: str) -> list[requests.Request]:
    """The request when all its partitions are done or failed."""
    client = stand.client(settings)

    def over() -> bool:
        return all(one.state in ("done", "failed") for one in requests.of(client, asked))

    assert await stand.until(over, True)
    return requests.of(client, asked)


async def exact(settings: Settings) -> None:
    log = await reading.read(settings, TOPICS)
    assert not await compare.caught_up(settings, log, PATIENCE)
    assert await asyncio.to_thread(compare.faults, settings, log) == []


async def forget(settings: Settings, topic: t.Topic, hotel: str) -> None:
    """Retention takes all of the topic that the hotel's partition has."""
    admin = AIOKafkaAdminClient(**kafka.connection(settings))
    await admin.start()
    tp = TopicPartition(topic.name, t.partition_of(hotel, settings.partitions))
    await admin.delete_records({tp: RecordsToDelete(await stand.end_of(settings, topic, hotel))})
    await admin.close()


def delivery(hotel: str, event_id: str) -> Delivery:
    return Delivery(
        event_id=event_id, property_id=hotel, notification_id="n", user_id="u", subscription_id="s",
        state="accepted", status=201, at=1,
    )  # fmt: skip


async def test_all_tables_are_right_again_and_never_half_built(house: Settings) -> None:
    hotel, client, n = stand.new_hotel(), stand.client(house), 12
    async with stand.producing(house) as producer, stand.sinking(house) as sink:
        await producer.send_and_wait("rooms", b"poison", partition=t.partition_of(hotel, 6))
        for event_id in "ab":
            await kafka.send(producer, house, t.DELIVERIES, hotel, delivery(hotel, event_id))
        for at in range(n):
            await put(house, producer, hotel, [stand.made(f"r{at}", at), stand.charged(f"r{at}", at, "7")])
        assert await stand.until(lambda: count(house, "decisions", hotel), n) == n
        assert await stand.until(lambda: count(house, "deliveries", hotel), 2) == 2
        await forget(house, t.DELIVERIES, hotel)
        letters = client.query("SELECT count() FROM dead_letters").result_rows
        p = t.partition_of(hotel, 6)
        here = f"_partition = {p} SETTINGS mutations_sync = 1"
        client.command(f"ALTER TABLE charges UPDATE amount = 0 WHERE {here}")
        client.command(f"ALTER TABLE decisions DELETE WHERE _offset % 2 = 0 AND {here}")
        client.command(f"INSERT INTO night_audits (_partition, _offset, kind) VALUES ({p}, 0, 'wrong')")
        asked = requests.ask(client, sorted(COLUMNS), [p])
        seen, more = set[int](), 0
        while not all(one.state == "done" for one in requests.of(client, asked)):
            await put(house, producer, hotel, [stand.charged(f"more{more}", more, "7")])
            more += 1
            seen.add(count(house, "charges", hotel))
            assert sink.ready() is None
        done = await ended(house, asked)
        await exact(house)
    assert [one.state for one in done] == ["done"] * len(done)
    assert min(seen) >= n
    assert count(house, "charges", hotel) == n + more
    assert count(house, "deliveries", hotel) == 2, "the log has them no more"
    assert client.query("SELECT count() FROM dead_letters").result_rows == letters
    assert sum(one.left_out for one in done) >= 1
    assert client.query("SELECT count() FROM system.tables WHERE name LIKE 'rebuild\\_%'").result_rows == [
        (0,)
    ]


def dying(real: Callable[..., Any], after: bool) -> Callable[..., Any]:
    """The method, which ends its process before or after its work."""

    def method(*what: Any) -> Any:
        if after:
            real(*what)
        raise Killed

    return method


@pytest.mark.parametrize(("step", "after"), [("write", True), ("swap", False), ("swap", True)])
async def test_killed_at_any_step_the_next_sink_begins_again(house: Settings, step: str, after: bool) -> None:
    hotel, client = stand.new_hotel(), stand.client(house)
    async with stand.producing(house) as producer:
        for at in range(3):
            await put(house, producer, hotel, [stand.charged(f"r{at}", at, "1")])
        asked = requests.ask(client, ["charges", "decisions"], [t.partition_of(hotel, 6)])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Shadow, step, dying(getattr(Shadow, step), after))
            patch.setattr(Shadow, "drop", dying(Shadow.drop, False))
            task = asyncio.create_task(Sink(house, stop := asyncio.Event()).run())
            assert await stand.until(lambda: client.query(SHADOWS).result_rows, [(2,)]) == [(2,)]
            assert await stand.until(lambda: count(house, "charges", hotel), 3) == 3
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
        async with stand.sinking(house):
            await put(house, producer, hotel, [stand.charged("r3", 3, "1")])
            assert [one.state for one in await ended(house, asked)] == ["done"]
            assert await stand.until(lambda: count(house, "charges", hotel), 4) == 4
            assert await stand.until(lambda: count(house, "decisions", hotel), 4) == 4
    assert client.query(SHADOWS).result_rows == [(0,)]


async def test_a_swap_that_is_not_answered_is_tried_again_and_one_that_can_not_be_fails(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotel, client, real = stand.new_hotel(), stand.client(house), Shadow.swap
    silent = [ConnectionError("no answer")]

    def swap(shadow: Shadow, check: Callable[[], None]) -> None:
        real(shadow, check)
        if silent:
            raise silent.pop()

    monkeypatch.setattr(Shadow, "swap", swap)
    async with stand.producing(house) as producer, stand.sinking(house):
        await put(house, producer, hotel, [stand.charged("r", 1, "1")])
        assert await stand.until(lambda: count(house, "charges", hotel), 1) == 1
        asked = requests.ask(client, ["charges"], [t.partition_of(hotel, 6)])
        assert [one.state for one in await ended(house, asked)] == ["done"]
        assert not silent
        assert count(house, "charges", hotel) == 1
        asked = requests.ask(client, ["no_such_table"], [0])
        (failed,) = await ended(house, asked)
        assert failed.state == "failed"
        assert "no_such_table" in failed.note


async def test_no_swap_while_a_table_is_ahead_of_what_is_written() -> None:
    near = cast("Attempt", SimpleNamespace(at={TopicPartition("rooms", 0): 10}))
    marks = {("charges", "rooms", 0): 12}
    written = {TopicPartition("rooms", 0): 11}
    anew = Rebuild(Settings(), lambda: None, written, marks, {}, asyncio.Event())
    anew._near = near, asyncio.get_running_loop().create_future()
    assert await anew.turn()
    assert anew._near is not None


def test_a_tables_topics() -> None:
    assert topics_of(["charges"]) == ["rooms"]
    assert topics_of(["decisions"]) == ["rooms", "services", "staff", "alerts", "notifications"]
    assert topics_of(["revocations", "deliveries"]) == ["settings", "deliveries"]
