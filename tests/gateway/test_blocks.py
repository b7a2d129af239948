"""Who reads the same part of the log reads it once: each hears all, in order, nothing goes without a word."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.client import AIOKafkaClient

from gateway import blocks as module
from gateway.blocks import BLOCKS, Block, Blocks, Forgotten
from infra.bench import loads
from infra.bench.proxy import Proxy
from infra.engines.kafka import broker
from infra.runtime import kafka
from infra.runtime.ports import free_row
from infra.runtime.settings import Settings
from infra.topics import ensure
from schemas import topics
from schemas.ids import new_id
from schemas.topics import partition_of
from tests.fixtures_kafka import free_ports, run_broker
from tests.gateway.support import Running, end_of, settings_for
from tests.patience import PATIENCE, patience, until

COUNT = 400


@pytest.fixture
async def said(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> tuple[TopicPartition, int, int]:
    """(where, first offset, the one behind the last) of so many messages; blocks are small."""
    monkeypatch.setattr(module, "BLOCK_RECORDS", 20)
    own = "blocks" + new_id()[-6:]
    tp = TopicPartition(topics.CHATS.name, partition_of(own, gateway.settings.partitions))
    start = await end_of(gateway.settings, *tp)
    records = [record for _, _, record, _ in (loads.message(own, 0, str(n)) for n in range(COUNT))]
    for record in records:
        await kafka.send(gateway.producer, gateway.settings, topics.CHATS, own, record)
    return tp, start, await end_of(gateway.settings, *tp)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Blocks]:
    blocks = Blocks(settings)
    try:
        yield blocks
    finally:
        await blocks.stop()


async def ride(blocks: Blocks, tp: TopicPartition, start: int, end: int) -> tuple[list[int], list[Block]]:
    """(the offsets heard, the blocks they came in) from `start` on."""
    heard, seen = list[int](), list[Block]()
    while start < end:
        block = await blocks.at(tp, start)
        seen.append(block)
        heard += [record.offset for record in block.records if start <= record.offset < end]
        start = block.end
        await asyncio.sleep(0)
    return heard, seen


async def test_readers_of_one_partition_share_one_scan(
    gateway: Running, said: tuple[TopicPartition, int, int]
) -> None:
    tp, start, end = said
    places = [start + n % 5 * 13 for n in range(40)]
    async with patience(), reading(gateway.settings) as blocks:
        rides = await asyncio.gather(*[ride(blocks, tp, place, end) for place in places])
    for place, (heard, _) in zip(places, rides, strict=True):
        assert heard == list(range(place, end))
    alone = max(len(seen) for _, seen in rides)
    shared = {id(block) for _, seen in rides for block in seen}
    assert len(shared) <= alone + len(set(places)), "one scan, and where each began"
    assert len({id(seen[-1]) for _, seen in rides}) == 1, "they end together"
    assert len(blocks._kept) <= BLOCKS < alone, "in bounded memory"


async def test_other_partitions_and_topics_come_by_the_same_reader(
    gateway: Running, said: tuple[TopicPartition, int, int]
) -> None:
    tp, start, end = said
    own = f"blocks{new_id()[-6:]}"
    await gateway.request(own, new_id())
    other = TopicPartition(topics.SERVICES.name, partition_of(own, gateway.settings.partitions))
    last = await end_of(gateway.settings, *other)
    async with patience(), reading(gateway.settings) as blocks:
        for offset in range(start, end, 60):
            (heard, _), (there, _) = await asyncio.gather(
                ride(blocks, tp, offset, end), ride(blocks, other, last - 1, last)
            )
            assert heard == list(range(offset, end))
            assert there == [last - 1]


async def test_what_retention_took_is_said_not_left_out(
    gateway: Running, said: tuple[TopicPartition, int, int]
) -> None:
    tp, start, end = said
    async with patience(), reading(gateway.settings) as blocks:
        await ride(blocks, tp, start, start + 40)
        admin = AIOKafkaAdminClient(**kafka.connection(gateway.settings))
        await admin.start()
        await admin.delete_records({tp: RecordsToDelete(start + 200)})
        await admin.close()
        blocks._kept.clear()
        for offset in (start + 100, start, 0, end + 1_000):
            with pytest.raises(Forgotten):
                await blocks.at(tp, offset)
        heard, _ = await ride(blocks, tp, start + 200, end)
        assert heard == list(range(start + 200, end)), "the reader goes on for others"


async def test_while_kafka_is_away_one_waits(
    gateway: Running, said: tuple[TopicPartition, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    tp, start, end = said
    port, real = free_row(), int(gateway.settings.kafka_bootstrap.rpartition(":")[2])
    away = gateway.settings.model_copy(update={"kafka_url": f"127.0.0.1:{port}"})
    async with patience(), reading(away) as blocks:
        waiting = asyncio.create_task(ride(blocks, tp, start, end))
        left = asyncio.create_task(blocks.at(tp, start))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        left.cancel()
        async with Proxy(real, lambda: False).listening(port):
            heard, _ = await waiting
    assert heard == list(range(start, end))


async def test_what_was_made_a_while_ago_is_made_again_and_nothing_is_kept_at_rest(
    gateway: Running, said: tuple[TopicPartition, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tp, start, end = said
    async with patience(), reading(gateway.settings) as blocks:
        first = await blocks.at(tp, start)
        assert await blocks.at(tp, first.end - 1) is first
        monkeypatch.setattr(module, "FRESH_SECONDS", 0.05)
        await until(lambda: blocks._known(tp, start) is None)
        await ride(blocks, tp, start, end)
        assert blocks._consumer is not None
        await until(lambda: not blocks._kept)
        assert blocks._consumer.paused() == blocks._consumer.assignment(), "nothing is asked of Kafka"
        heard, _ = await ride(blocks, tp, start, end)
        assert heard == list(range(start, end))


async def test_over_a_slow_line_all_who_read_different_places_come_on(
    gateway: Running, said: tuple[TopicPartition, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tp, start, _ = said
    places = [start + 30 + 70 * n for n in range(5)]
    send = AIOKafkaClient.send

    async def late(self: AIOKafkaClient, *more: Any, **named: Any) -> Any:
        answer = await send(self, *more, **named)
        await asyncio.sleep(0.3)
        return answer

    async with patience(), reading(gateway.settings) as blocks:
        await blocks.at(tp, start)
        monkeypatch.setattr(AIOKafkaClient, "send", late)
        found = await asyncio.gather(*[blocks.at(tp, place) for place in places])
    assert [block.start for block in found] == places


async def test_a_partition_that_does_not_answer_keeps_no_other_waiting(
    gateway: Running, said: tuple[TopicPartition, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 60.0)
    monkeypatch.setattr(module, "AGAIN_MOST_SECONDS", 60.0)
    tp, start, end = said
    silent = TopicPartition("no.such.topic", 0)
    async with patience(), reading(gateway.settings) as blocks:
        waiting = [asyncio.create_task(blocks.at(silent, number)) for number in range(20)]
        began = time.monotonic()
        heard, _ = await ride(blocks, tp, start, end)
        assert heard == list(range(start, end))
        assert time.monotonic() - began < 60.0
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_consumer_that_reads_no_more_is_replaced(
    gateway: Running, said: tuple[TopicPartition, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    tp, start, end = said
    async with patience(), reading(gateway.settings) as blocks:
        await blocks.at(tp, start)
        assert blocks._consumer is not None
        blocks._consumer._fetcher._fetch_task.cancel()
        heard, _ = await ride(blocks, tp, start + 200, end)
    assert heard == list(range(start + 200, end))


async def test_a_record_far_larger_than_a_block_comes_and_what_is_behind_it(
    gateway: Running, said: tuple[TopicPartition, int, int]
) -> None:
    tp, _, end = said
    for size in (1, kafka.MAX_RECORD_BYTES - 1_000, 1):
        await gateway.producer.send_and_wait(tp.topic, b"x" * size, b"poison", partition=tp.partition)
    async with patience(), reading(gateway.settings) as blocks:
        heard, seen = await ride(blocks, tp, end, end + 3)
    assert heard == [end, end + 1, end + 2]
    assert len(seen) == 3, "no block is larger for it"


async def test_a_broker_that_hangs_or_is_started_again_only_makes_one_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(module, "BLOCK_RECORDS", 1)
    port, controller_port = free_ports(2)
    own, settings = broker.Broker(tmp_path / "data", port, controller_port), settings_for(f"127.0.0.1:{port}")
    tp, log = TopicPartition(topics.CHATS.name, 0), tmp_path / "kafka.log"
    process = run_broker(own, log)
    try:
        await ensure(settings)
        async with kafka.producer(settings) as sender:
            for number in range(30):
                # More than one fetch brings, so that it has to ask again.
                await sender.send_and_wait(tp.topic, bytes(50_000), b"%d" % number, partition=0)
        async with patience(), reading(settings) as blocks:
            await ride(blocks, tp, 0, 3)
            process.send_signal(signal.SIGSTOP)
            waiting = asyncio.create_task(ride(blocks, tp, 3, 30))
            left = asyncio.create_task(blocks.at(tp, 29))
            await asyncio.sleep(2.5 * module.ANSWER_MS / 1000)
            assert not waiting.done()
            left.cancel()
            process.send_signal(signal.SIGCONT)
            assert (await waiting)[0] == list(range(3, 30))
            blocks._kept.clear()
            process.terminate()
            await asyncio.to_thread(process.wait, PATIENCE)
            waiting = asyncio.create_task(ride(blocks, tp, 3, 30))
            process = await asyncio.to_thread(run_broker, own, log)
            assert (await waiting)[0] == list(range(3, 30))
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        await asyncio.to_thread(process.wait, PATIENCE)
