"""Ticks wake every decider, and only hotels whose deadline has come."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiokafka import TopicPartition

from infra import topics as broker_topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode_as, encode
from schemas.facts import said
from schemas.ids import new_id
from schemas.records.base import Tick
from schemas.records.staff import ShiftState, StaffCommand
from streams.agents import catalogue, staff, ticks
from streams.agents.contexts import Contexts
from streams.agents.decider import Decider
from streams.rules.answering import Partition
from tests.patience import patience


@pytest.mark.parametrize("name", catalogue.DECIDERS)
def test_a_tick_is_a_command_of_its_agent(name: str) -> None:
    record = ticks.tick(name, "h", 5, 7)
    topic = catalogue.decider(name).commands
    assert decode_as(encode(record), topic, ticks.COMMANDS[name]) == record
    assert said(record) == ("tick", Tick(due_at=5))
    assert (record.actor_role, record.claimed_at) == ("system", 7)


async def test_due_hotels_are_woken_and_others_are_not(shared: str) -> None:
    settings = Settings(kafka_url=shared)
    await broker_topics.ensure(settings)
    due, later = new_id(), new_id()
    now = int(time.time() * 1000)
    async with shells.producer(settings) as producer:
        decider = Decider(staff.AGENT, settings, Contexts(settings, [], producer), producer, producer)
        for hotel, ends_at in ((due, now - 1), (later, now + 3_600_000)):
            number = topics.partition_of(hotel, settings.partitions)
            part = decider.parts.setdefault(number, Partition(staff.AGENT))
            rules: Any = part.hotel(hotel)
            rules.shifts["ann"] = ShiftState(
                staff_id="ann", shift_id="s", department="spa", started_at=1, ends_at=ends_at
            )
        running = asyncio.create_task(ticks.run(settings, [decider], producer))
        try:
            found: list[StaffCommand] = []
            async with patience():
                while not any(one.property_id == due for one in found):
                    found = await _ticks(settings, {due, later})
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert {one.property_id for one in found} == {due}
    assert found[0].tick == Tick(due_at=now - 1)


async def _ticks(settings: Settings, hotels: set[str]) -> list[StaffCommand]:
    async with shells.reader(settings, fetch_max_wait_ms=10) as reader:
        wanted = [
            TopicPartition(topics.STAFF_COMMANDS.name, topics.partition_of(one, settings.partitions))
            for one in hotels
        ]
        records = [record async for record in shells.read_to_end(reader, sorted(set(wanted)))]
    commands = [decode_as(record.value, topics.STAFF_COMMANDS, StaffCommand) for record in records]
    return [one for one in commands if one.property_id in hotels]
