"""Steps as records, past the gateway: the same seed writes the same day, and the gateway's rules hold."""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter
from itertools import islice

import pytest
from aiokafka.errors import KafkaTimeoutError

from infra.runtime.kafka import partitions_of, read_to_end, reader
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator import day, direct, layout
from infra.simulator.curves import DAY_S
from infra.simulator.step import Step
from infra.topics import ensure
from schemas import topics
from schemas.codec import decode, encode

HOTEL = layout.hotel(7, 30)


def written(seed: int) -> list[tuple[str, bytes]]:
    """Topic and bytes of two days' records, at one moment of the clock."""
    threads: dict[str, str] = {}
    found = []
    for step in day.world(HOTEL, seed, datetime.date(2026, 3, 1)).run(until=2 * DAY_S):
        for topic, record in direct.records(step, HOTEL.property_id, 1_000_000, threads):
            found.append((topic.name, encode(record)))
    return found


def test_the_same_seed_writes_the_same_day() -> None:
    first = written(11)
    assert first == written(11)
    assert first != written(12)
    assert {name for name, _ in first} >= {
        "rooms.intake",
        "rooms.commands",
        "services.commands",
        "staff.commands",
        "alerts.commands",
        "chats",
    }


async def test_what_is_written_can_be_read_and_is_counted(kafka: str) -> None:
    settings, outcomes = Settings(kafka_url=kafka), Counter[str]()
    await ensure(settings)
    steps = list(day.world(HOTEL, 1, datetime.date(2026, 3, 1)).run(until=9 * 3600))
    async with direct.Writer(settings, HOTEL, outcomes) as writer:
        for step in steps:
            await writer.say(step)
    assert outcomes["written"] >= len(steps)
    wanted = {step.id for step in steps if step.command.startswith("services.")}
    found = []
    async with reader(settings) as consumer:
        async for record in read_to_end(consumer, partitions_of(settings, topics.SERVICES_COMMANDS)):
            said = decode(record.value, topics.SERVICES_COMMANDS)
            if said.property_id == HOTEL.property_id:  # type: ignore[attr-defined]
                found.append(said.command_id)  # type: ignore[attr-defined]
    assert set(found) == wanted
    assert len(found) == len(wanted)


class _Full:
    """A producer whose log takes nothing."""

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    async def send(self, *_: object, **__: object) -> None:
        raise KafkaTimeoutError


async def _write(settings: Settings, steps: list[Step], outcomes: Counter[str]) -> None:
    async with direct.Writer(settings, HOTEL, outcomes) as writer:
        for step in steps:
            await writer.say(step)
            await asyncio.sleep(0)


@pytest.mark.parametrize("number", [1, 100])
async def test_a_record_that_kafka_did_not_take_ends_it(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.runtime.kafka.producer", lambda *_, **__: _Full())
    steps = list(islice(day.world(HOTEL, 1, datetime.date(2026, 3, 1)).run(), number))
    outcomes = Counter[str]()
    with pytest.raises(Problem, match="did not take a record of"):
        await _write(Settings(), steps, outcomes)
    assert outcomes["written"] == 0


async def test_without_a_log_it_is_one_sentence() -> None:
    with pytest.raises(Problem, match=r"Kafka at 127\.0\.0\.1:1 does not answer"):
        await _write(Settings(kafka_url="127.0.0.1:1"), [], Counter())
