"""Snapshots on real Kafka: a worker killed between two pieces comes back as if it had folded everything."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from gateway.answers import Answers
from gateway.cursor import Cursors
from gateway.hub import Hub
from gateway.presence import Presence
from gateway.readmodel.model import ReadModel
from gateway.tail import Tail
from gateway.typists import Typists
from infra.runtime import kafka as shells
from infra.runtime.program import program
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.rooms import RoomsAnswer, RoomsCommand, RoomStatusChanged
from schemas.snapshots import Snapshot
from streams.agents import rooms, states
from streams.agents.contexts import Contexts
from streams.agents.decider import Decider
from streams.rules.answering import Partition
from tests.patience import PATIENCE, patience
from tests.streams.bench import Bench, start_worker
from tests.streams.whole import whole

# A snapshot after every few commands, a record a piece, and death before the n-th piece is sent.
SMALL = """
import os
from streams.agents import states
from streams.rules import marking
states.MARK_EVERY, marking.PIECE, left = 10, 1, iter(range({pieces}))
send = states.States._send

async def sent(self, number, piece):
    if next(left, None) is None:
        os.kill(os.getpid(), 9)
    await send(self, number, piece)

states.States._send = sent
"""


async def _say(bench: Bench, count: int) -> None:
    for number in range(count):
        status = RoomStatusChanged(
            room_id=str(101 + number % 5), dimension="housekeeping", value=["dirty", "clean"][number % 2]
        )
        await bench.ask(RoomsCommand, set_room_status=status)


async def _folded(bench: Bench) -> Partition:
    part = Partition(rooms.AGENT)
    async with shells.reader(bench.settings) as reader:
        tp = TopicPartition(topics.ROOMS.name, bench.partition)
        async for record in shells.read_to_end(reader, [tp]):
            part.fold(decode_as(record.value, topics.ROOMS, RoomsAnswer), record.offset)
    return part


async def _snapshot(bench: Bench) -> Snapshot:
    found = Snapshot(topics.ROOMS_STATE)
    async with shells.reader(bench.settings) as reader:
        tp = TopicPartition(topics.ROOMS_STATE.name, bench.partition)
        async for record in shells.read_to_end(reader, [tp]):
            found.take(record.offset, record.key, record.value)
    return found


async def _recovered(bench: Bench) -> Partition:
    """What a decider that starts now believes."""
    contexts = Contexts(bench.settings, [], bench._producer)
    decider = Decider(rooms.AGENT, bench.settings, contexts, bench._producer, bench._producer)
    await decider.recover([bench.partition])
    await decider.stop()
    return decider.parts[bench.partition]


async def test_killed_before_any_piece_it_comes_back_right(bench: Bench, tmp_path: Path) -> None:
    for pieces in (0, 1, 3, 6):
        process = start_worker(bench.settings, tmp_path, "rooms", before=SMALL.format(pieces=pieces))
        await _say(bench, 12)
        assert await asyncio.to_thread(process.wait, PATIENCE) == -signal.SIGKILL
        assert whole(await _recovered(bench)) == whole(await _folded(bench))
    process = start_worker(bench.settings, tmp_path, "rooms", before=SMALL.format(pieces=1_000))
    async with patience():
        while (await _snapshot(bench)).unfit(program(), 0, 1_000):
            await asyncio.sleep(0.1)
    answers = await bench.answered(topics.ROOMS, RoomsAnswer, 48)
    process.kill()
    process.wait()
    assert len(answers) == len({one.causation_id for one in answers}) == 48
    assert (await _snapshot(bench)).mark is not None
    part = await _recovered(bench)
    assert whole(part) == whole(await _folded(bench))
    await _gateway_starts_there(bench, part)


async def _gateway_starts_there(bench: Bench, part: Partition) -> None:
    model, presence = ReadModel(), Presence("g")
    hub = Hub(Cursors("k" * 32), bench.settings.partitions)
    tail = Tail(
        bench.settings,
        bench._producer,
        model,
        hub,
        presence,
        Typists(),
        Answers(),
        lambda *_: None,
        lambda _: None,
        lambda _: None,
    )
    await tail.start()
    try:
        assert (topics.ROOMS.name, bench.partition) in tail._held, "it started from the mark"
        assert model.of(bench.hotel).rooms == part.hotel(bench.hotel).entities()["room"]
    finally:
        await tail.stop()


async def test_a_foreign_record_ends_the_writer_and_the_next_one_mends_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = asyncio.Event()
    landed.set()
    refolds: list[str] = []
    buried: list[tuple[bytes | None, str]] = []

    async def settled() -> None:
        await landed.wait()

    async def bury(record: ConsumerRecord, reason: str) -> None:
        buried.append((record.value, reason))

    def refold(reason: str, **_: object) -> None:
        refolds.append(reason)
        raise RuntimeError(reason)

    part = await _recovered(bench)
    monkeypatch.setattr(states, "MARK_EVERY", 1)
    before = (await _snapshot(bench)).mark  # another test's, where its hotel has the same partition
    part.hotel(bench.hotel).restore({"room": {"101": part.hotel(bench.hotel).room("101")}})  # type: ignore[attr-defined]
    async with shells.reader(bench.settings, fetch_max_wait_ms=10) as reader:
        writer = states.States(rooms.AGENT, bench._producer, asyncio.Lock(), settled, refold, bury)
        await writer.load(reader, {bench.partition: (0, 0)})
        await bench._producer.send_and_wait(
            topics.ROOMS_STATE.name, b"foreign", key=f"{new_id()}/room/1".encode(), partition=bench.partition
        )
        writer.folded(bench.partition, 0)
        writer.start({bench.partition: part})
        assert writer._task is not None
        await asyncio.wait([writer._task])
        assert refolds == ["another writer is on the state topic"]
        again = states.States(rooms.AGENT, bench._producer, asyncio.Lock(), settled, refold, bury)
        await again.load(reader, {bench.partition: (0, 0)})
        again.folded(bench.partition, 0)
        landed.clear()
        again.start({bench.partition: part})
        assert (await _snapshot(bench)).mark == before, "an answer is under way"
        landed.set()
        async with patience():
            while (found := await _snapshot(bench)).mark == before:
                await asyncio.sleep(0.05)
        assert not found.unfit(program(), 0, 1_000)
        await again.stop()
    assert refolds == ["another writer is on the state topic"]
    assert buried == [(b"foreign", "not in Confluent framing (0x00 and a 4-byte schema id)")]
