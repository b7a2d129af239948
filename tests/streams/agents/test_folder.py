"""Folders over a real log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from infra import topics as broker_topics
from infra.runtime import kafka as log
from infra.runtime import watchdog
from infra.runtime.failpoints import STEPS
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode, encode
from schemas.ids import new_id
from schemas.records.base import Cause, Why
from schemas.records.folds import FoldHeader, OccupancyState, RevenueState
from schemas.records.rooms import CheckedIn, RoomsAnswer, RoomsFact, RoomStatusChanged
from schemas.records.settings import PropertySettings, SettingsRecord
from streams.agents import occupancy, performance, revenue, service_load
from streams.agents.decoded import Decoded
from streams.agents.folder import Folders
from streams.rules.revenue import Fold
from tests.streams import dying
from tests.streams.rules.test_revenue import charge, made

KINDS = (occupancy.KIND, service_load.KIND, performance.KIND, revenue.KIND)


class House:
    """A hotel whose room agent is the test."""

    def __init__(self, settings: Settings, producer: Any) -> None:
        self.settings, self.producer = settings, producer
        self.property_id = f"fold-{new_id()}"
        self.partition = topics.partition_of(self.property_id, settings.partitions)

    async def end(self) -> int:
        tp = TopicPartition(topics.ROOMS.name, self.partition)
        consumer = log.reader(self.settings)
        await consumer.start()
        found: int = (await consumer.end_offsets([tp]))[tp]
        await consumer.stop()
        return found

    async def answer(self, *facts: RoomsFact, wrong_by: int = 0) -> int:
        """Write an answer; the offset after it."""
        end = await self.end()
        record = self.made(end + wrong_by, *facts)
        await log.send(self.producer, self.settings, topics.ROOMS, self.property_id, record)
        return end + 1

    def made(self, expected: int, *facts: RoomsFact) -> RoomsAnswer:
        """The answer that holds these facts."""
        return RoomsAnswer(
            event_id=new_id(),
            property_id=self.property_id,
            recorded_at=1,
            actor_id="a",
            actor_role="system",
            causation_id=new_id(),
            cause=Cause(topic="rooms.commands", partition=self.partition, offset=0),
            expected=expected,
            verdict="accepted",
            why=Why(rule="r", sentence="s"),
            facts=list(facts),
        )

    async def states(self) -> dict[tuple[str, str], FoldHeader]:
        """The newest record of each key, read by somebody else."""
        wanted = [TopicPartition(kind.state.name, self.partition) for kind in KINDS]
        consumer = log.reader(self.settings)
        await consumer.start()
        found: dict[tuple[str, str], FoldHeader] = {}
        async for record in log.read_to_end(consumer, wanted):
            state = decode(record.value, topics.BY_NAME[record.topic])
            assert isinstance(state, FoldHeader)
            if state.property_id == self.property_id:
                found[state.kind, state.id] = state
        await consumer.stop()
        return found

    async def until(self, wanted: Callable[[dict[tuple[str, str], FoldHeader]], bool]) -> Any:
        deadline = time.monotonic() + 20
        while not wanted(found := await self.states()):
            assert time.monotonic() < deadline, found
        return found


def fact(at: int, **body: Any) -> RoomsFact:
    return RoomsFact(fact_id=new_id(), occurred_at=at, **body)


def stay(at: int, reservation_id: str, room_id: str) -> list[RoomsFact]:
    """A check-in and what it does to the room, as the room agent says it."""
    taken = RoomStatusChanged(room_id=room_id, dimension="front_office", value="occupied")
    arrived = CheckedIn(reservation_id=reservation_id, room_id=room_id)
    return [fact(at, checked_in=arrived), fact(at, room_status_changed=taken)]


@pytest.fixture
async def house(kafka: str) -> AsyncIterator[House]:
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    producer = log.producer(settings)
    await producer.start()
    yield House(settings, producer)
    await producer.stop()


async def test_values_follow_the_log_and_are_written_again_by_the_next_owner(house: House) -> None:
    capacity = SettingsRecord(
        property_id=house.property_id,
        kind="property",
        id=house.property_id,
        at=1,
        actor_id="a",
        property=PropertySettings(
            name="H", time_zone="Europe/Lisbon", currency="EUR", departments=[], capacity=20
        ),
    )
    key = topics.entity_key(house.property_id, "property", house.property_id)
    await log.send(house.producer, house.settings, topics.SETTINGS, house.property_id, capacity, key)
    await house.answer(fact(1, reservation_made=made("r1")), fact(2, reservation_made=made("r2")))
    folders = Folders(house.settings, KINDS, house.producer, Decoded())
    await folders.own([house.partition])
    await asyncio.wait_for(folders.recovered.wait(), 20)
    await house.answer(*stay(3, "r1", "101"), wrong_by=1)
    end = await house.answer(*stay(4, "r2", "102"), fact(5, charge_posted=charge("r2", 1, 0, 12_345)))
    found = await house.until(lambda s: any(one.vector.get("rooms") == end for one in s.values()))
    found = await house.until(lambda s: ("revenue", "2026-03-01") in s)
    live = found["occupancy", "live"]
    assert isinstance(live, OccupancyState)
    assert (live.rooms, live.occupied, live.vector["rooms"]) == (20, 1, end)  # the zombie's check-in is none
    day = found["revenue", "2026-03-01"]
    assert isinstance(day, RevenueState)
    assert (day.room_revenue, day.room_nights) == (Decimal("123.45"), 1)
    await folders.stop()

    end = await house.answer(*stay(6, "r1", "101"))
    await folders.own([house.partition])
    found = await house.until(lambda s: s["occupancy", "live"].vector["rooms"] == end)
    assert found["occupancy", "live"].occupied == 2
    await folders.stop()


async def test_a_fact_newer_than_this_program_stops_the_folders_that_read_it(house: House) -> None:
    # not through the log: every folder and decider of the other tests would stop at it too
    folders = Folders(house.settings, KINDS, house.producer, Decoded())
    folders.begin([house.partition])
    answer = house.made(0, fact(1), fact(2, charge_posted=charge("r1", 2, 0, 100)))
    value = encode(answer)
    record = ConsumerRecord("rooms", house.partition, 0, 1, 1, None, value, None, 0, len(value), ())
    await folders.take(record)
    assert folders.running(house.partition) == {"service_load", "performance"}


async def test_a_folder_that_throws_stops_alone_and_the_record_is_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fold, "apply", lambda *_: 1 // 0)
    folders = Folders(house.settings, KINDS, house.producer, Decoded())
    folders.begin([house.partition])
    before = watchdog.values("concierge_dead_letters_total").get("folders", 0.0)
    value = encode(house.made(0, fact(1, charge_posted=charge("r1", 2, 0, 100))))
    for offset in (0, 1):
        record = ConsumerRecord("rooms", house.partition, offset, 1, 1, None, value, None, 0, len(value), ())
        await folders.take(record)
    assert folders.running(house.partition) == {"occupancy", "service_load", "performance"}
    assert watchdog.values("concierge_dead_letters_total")["folders"] == before + 1


async def test_what_cannot_be_read_is_a_dead_letter_that_the_watchdog_counts(house: House) -> None:
    folders = Folders(house.settings, KINDS, house.producer, Decoded())
    folders.begin([house.partition])
    before = watchdog.values("concierge_dead_letters_total").get("folders", 0.0)
    record = ConsumerRecord("rooms", house.partition, 0, 1, 1, None, b"poison", None, 0, 6, ())
    await folders.take(record)
    assert watchdog.values("concierge_dead_letters_total")["folders"] == before + 1
    assert len(folders.running(house.partition)) == len(KINDS), "and nothing stopped"


async def test_who_waits_for_the_folding_survives_a_new_assignment(house: House) -> None:
    folders = Folders(house.settings, KINDS, house.producer, Decoded())
    await folders.own([house.partition])
    waiting = asyncio.create_task(folders.wait())
    await asyncio.sleep(0)
    await folders.own([house.partition])
    await asyncio.wait_for(waiting, 20)
    await folders.stop()


@pytest.mark.parametrize("step", STEPS["folders"])
async def test_killed_behind_each_step_the_next_one_says_the_same(house: House, step: str) -> None:
    await house.answer(*stay(1, "r1", "101"))
    dead = Folders(house.settings, KINDS, house.producer, Decoded())
    with dying.at(f"folders.{step}"):
        await dead.own([house.partition])
        with pytest.raises(dying.Killed):
            await asyncio.wait_for(dead.wait(), 20)
    folders = Folders(house.settings, KINDS, house.producer, Decoded())
    end = await house.answer(*stay(2, "r2", "102"))
    await folders.own([house.partition])
    found = await house.until(
        lambda s: ("occupancy", "live") in s and s["occupancy", "live"].vector["rooms"] == end
    )
    assert found["occupancy", "live"].occupied == 2
    await folders.stop()
