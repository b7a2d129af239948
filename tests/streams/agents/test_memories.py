"""Folders that come back from what they remember, on real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition
from structlog.testing import capture_logs

from infra.runtime import kafka as log
from infra.runtime import watchdog
from infra.runtime.failpoints import STEPS
from infra.runtime.program import program
from schemas import topics
from schemas.codec import decode, encode
from schemas.ids import new_id
from schemas.records.folds import MemoryMark, MemoryPiece, OccupancyState
from schemas.records.rooms import RoomsFact
from streams.agents import memories, occupancy, revenue
from streams.agents.memories import Memories
from streams.rules import remembering
from streams.rules.folding import Folded, Kind
from streams.rules.remembering import Memory
from tests.patience import PATIENCE, patience
from tests.streams import dying
from tests.streams.house import KINDS, Counting, House, fact, stay
from tests.streams.rules.test_revenue import charge, made

MEMORY_STEPS = STEPS["folders"][STEPS["folders"].index("piece_sent") :]
READERS = (occupancy.KIND, revenue.KIND)  # of `rooms`


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memories, "EVERY", 1)
    # What other tests' hotels on the same partition left there puts no snapshot off.
    monkeypatch.setattr(memories, "FACT_BYTES", 1 << 30)


def guest(number: int) -> list[RoomsFact]:
    """A reservation, its check-in and a charge."""
    own = f"r{number}"
    return [
        fact(number, reservation_made=made(own)),
        *stay(number, own, str(100 + number)),
        fact(number, charge_posted=charge(own, 1, 0, 1_000)),
    ]


async def remembered(house: House, end: int, names: Sequence[str]) -> None:
    """Until these folders remember all below `end`."""
    tp = TopicPartition(topics.FOLDERS_MEMORY.name, house.partition)
    bounds = dict.fromkeys(topics.BY_NAME, (0, 1000000))
    async with patience(), log.reader(house.settings, fetch_max_wait_ms=10) as reader:
        while True:
            memory = Memory()
            async for record in log.read_to_end(reader, [tp]):
                if (record.key or b"").startswith(b"*"):
                    memory.take(decode(record.value, topics.FOLDERS_MEMORY))
            marks = [memory.newest(name, program(), bounds)[0] for name in names]
            if all(mark and mark.vector.get("rooms", 0) >= end for mark in marks):
                return


async def remember(house: House, *facts: RoomsFact, kinds: Sequence[Kind] = READERS) -> int:
    """Folders lived, remembered these facts and stopped; the offset behind the facts."""
    end = await house.answer(*facts)
    folders = house.folders(kinds)
    await folders.own([house.partition])
    await remembered(house, end, [kind.name for kind in kinds])
    await folders.stop()
    return end


async def assert_right(house: House, folders: Counting, guests: int) -> None:
    """A start after one more answer says what all facts come to."""
    end = await house.answer(*guest(guests))
    await folders.own([house.partition])
    await assert_said(house, end, guests)
    await folders.stop()


async def assert_said(house: House, end: int, guests: int) -> None:
    """The values that reflect all below `end`."""
    found = await house.until(
        lambda s: all(one in s and s[one].vector["rooms"] >= end for one in LIVE),
    )
    live, day = (found[one] for one in LIVE)
    assert isinstance(live, OccupancyState)
    assert live.occupied == guests
    assert day.charges == guests


LIVE = (("occupancy", "live"), ("revenue", "2026-03-01"))


async def test_a_start_reads_only_what_came_after_the_snapshot(house: House) -> None:
    end = await remember(house, *guest(1))
    folders = house.folders()
    with capture_logs() as said:
        await assert_right(house, folders, 2)
    assert folders.taken == [end]
    (recovered,) = (one for one in said if one["event"] == "folders_recovered")
    assert recovered["snapshots"] >= len(READERS)


async def test_folders_of_a_partition_that_move_to_two_workers_each_find_their_own(house: House) -> None:
    end = await remember(house, *guest(1))
    for kind in READERS:
        folders = house.folders([kind])
        await folders.own([house.partition])
        await asyncio.wait_for(folders.recovered.wait(), PATIENCE)
        assert folders.positions()[kind.name][TopicPartition("rooms", house.partition)] == end
        assert folders.taken == []
        await folders.stop()


async def test_a_folder_that_remembers_more_than_another_counts_nothing_twice(house: House) -> None:
    end = await remember(house, *guest(1), kinds=[revenue.KIND])
    folders = house.folders()
    await assert_right(house, folders, 2)
    assert min(folders.taken) < end, "for occupancy"


@pytest.mark.parametrize("step", MEMORY_STEPS)
async def test_killed_between_pieces_or_before_the_mark_the_snapshot_before_serves(
    house: House, step: str
) -> None:
    end = await remember(house, *guest(1))
    await house.answer(*guest(2))
    dead = house.folders()
    with dying.at(f"folders.{step}"):
        await dead.own([house.partition])
        with pytest.raises(dying.Killed):
            await asyncio.wait_for(dead.wait(), PATIENCE)
    folders = house.folders()
    await assert_right(house, folders, 3)
    assert min(folders.taken) >= end


async def test_another_programs_snapshot_is_not_used_and_the_log_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await remember(house, *guest(1))
    monkeypatch.setattr(memories, "program", lambda: "another")
    folders = house.folders()
    with capture_logs() as said:
        await assert_right(house, folders, 2)
    assert folders.taken[0] == 0
    full = {one["folder"]: one["reason"] for one in said if one["event"] == "folding_in_full"}
    assert full.keys() >= {kind.name for kind in READERS}
    assert set(full.values()) == {"another program's mark"}


async def test_a_snapshot_torn_by_a_zombie_or_unreadable_is_not_used(house: House) -> None:
    end = await remember(house, *guest(1))
    before = watchdog.values("concierge_dead_letters_total").get("folders", 0.0)
    for slot in ("a", "b"):
        alien = MemoryPiece(
            folder="occupancy", partition=house.partition, slot=slot, snapshot=new_id(), number=0,
            property_id="h", part="house", chunk=b"",
        )  # fmt: skip
        await _say(house, alien)
    bad = MemoryPiece(
        folder="revenue", partition=house.partition, slot="a", snapshot="s", number=0, property_id="h",
        part="days", chunk=b"poison",
    )  # fmt: skip
    mark = MemoryMark(
        folder="revenue", partition=house.partition, slot="a", snapshot="s", pieces=1, program=program(),
        vector={"rooms": end}, as_of=1,
    )  # fmt: skip
    for record in (bad, mark):
        await _say(house, record)
        slot_b = {"slot": "b"}
        await _say(house, type(record)(**{n: getattr(record, n) for n in record.__struct_fields__} | slot_b))
    place = TopicPartition(topics.FOLDERS_MEMORY.name, house.partition)
    await house.producer.send_and_wait(place.topic, b"poison", key=b"poison", partition=place.partition)
    folders = house.folders()
    with capture_logs() as said:
        await assert_right(house, folders, 2)
    assert folders.taken[0] == 0
    full = {one["folder"]: one["reason"] for one in said if one["event"] == "folding_in_full"}
    assert full["occupancy"].startswith("piece 0 of ")
    assert full["revenue"].startswith("DecodeError") or full["revenue"].startswith("ValidationError")
    assert watchdog.values("concierge_dead_letters_total")["folders"] == before + 1


async def _say(house: House, record: MemoryPiece | MemoryMark) -> None:
    await house.producer.send_and_wait(
        topics.FOLDERS_MEMORY.name,
        encode(record),
        key=remembering.key(record),
        partition=house.partition,
    )


async def test_what_cannot_be_remembered_stops_nothing(house: House) -> None:
    await house.answer(*guest(1))
    async with log.producer(house.settings, max_request_size=10) as narrow:
        folders = house.folders(snapshots=narrow)
        with capture_logs() as said:
            await folders.own([house.partition])
            async with patience():
                while "folder_not_remembered" not in {one["event"] for one in said}:
                    await asyncio.sleep(0.01)
        await assert_said(house, await house.answer(*guest(2)), 2)
        await folders.stop()


async def test_a_large_snapshot_puts_the_next_one_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memories, "FACT_BYTES", 1)
    memory = Memories(house.settings, KINDS, house.producer, house.producer)
    one = Folded(occupancy.KIND, {})
    one.recall("h", "rooms", b"\x90")
    one.since = 1
    assert await memory.write_one({house.partition: [one]})
    one.since = 2
    assert not await memory.write_one({house.partition: [one]}), "of three bytes at least"
    one.since = 100
    assert await memory.write_one({house.partition: [one]})
