"""Folders over a real log."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from aiokafka import ConsumerRecord

from infra.runtime import kafka as log
from infra.runtime import watchdog
from infra.runtime.failpoints import STEPS
from schemas import topics
from schemas.codec import encode
from schemas.records.folds import OccupancyState, RevenueState
from schemas.records.settings import PropertySettings, SettingsRecord
from streams.rules.revenue import Fold
from tests.patience import PATIENCE
from tests.streams import dying
from tests.streams.house import KINDS, House, fact, stay
from tests.streams.rules.test_revenue import charge, made

VALUE_STEPS = STEPS["folders"][: STEPS["folders"].index("piece_sent")]  # the others: test_memories.py


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
    folders = house.folders()
    await folders.own([house.partition])
    await asyncio.wait_for(folders.recovered.wait(), PATIENCE)
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
    folders = house.folders()
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
    folders = house.folders()
    folders.begin([house.partition])
    before = watchdog.values("concierge_dead_letters_total").get("folders", 0.0)
    value = encode(house.made(0, fact(1, charge_posted=charge("r1", 2, 0, 100))))
    for offset in (0, 1):
        record = ConsumerRecord("rooms", house.partition, offset, 1, 1, None, value, None, 0, len(value), ())
        await folders.take(record)
    assert folders.running(house.partition) == {"occupancy", "service_load", "performance"}
    assert watchdog.values("concierge_dead_letters_total")["folders"] == before + 1


async def test_what_cannot_be_read_is_a_dead_letter_that_the_watchdog_counts(house: House) -> None:
    folders = house.folders()
    folders.begin([house.partition])
    before = watchdog.values("concierge_dead_letters_total").get("folders", 0.0)
    record = ConsumerRecord("rooms", house.partition, 0, 1, 1, None, b"poison", None, 0, 6, ())
    await folders.take(record)
    assert watchdog.values("concierge_dead_letters_total")["folders"] == before + 1
    assert len(folders.running(house.partition)) == len(KINDS), "and nothing stopped"


async def test_who_waits_for_the_folding_survives_a_new_assignment(house: House) -> None:
    folders = house.folders()
    await folders.own([house.partition])
    waiting = asyncio.create_task(folders.wait())
    await asyncio.sleep(0)
    await folders.own([house.partition])
    await asyncio.wait_for(waiting, PATIENCE)
    await folders.stop()


@pytest.mark.parametrize("step", VALUE_STEPS)
async def test_killed_behind_each_step_the_next_one_says_the_same(house: House, step: str) -> None:
    await house.answer(*stay(1, "r1", "101"))
    dead = house.folders()
    with dying.at(f"folders.{step}"):
        await dead.own([house.partition])
        with pytest.raises(dying.Killed):
            await asyncio.wait_for(dead.wait(), PATIENCE)
    folders = house.folders()
    end = await house.answer(*stay(2, "r2", "102"))
    await folders.own([house.partition])
    found = await house.until(
        lambda s: ("occupancy", "live") in s and s["occupancy", "live"].vector["rooms"] == end
    )
    assert found["occupancy", "live"].occupied == 2
    await folders.stop()
