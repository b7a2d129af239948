"""The Kafka shells on a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiokafka import TopicPartition

from infra import topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.operations import DeadLetter
from schemas.records.signals import Signal, Typing
from schemas.topics import DEAD_LETTERS, SIGNALS, partition_of
from tests.patience import until


def _signal(property_id: str, user: str) -> Signal:
    typing = Typing(thread_id="t", user_id=user, on=True)
    return Signal(property_id=property_id, gateway_id="g", at=1, typing=typing)


async def test_a_hotels_records_come_back_in_order_from_its_one_partition(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    hotel = new_id()
    async with shells.producer(settings) as producer:
        places = [
            await shells.send(producer, settings, SIGNALS, hotel, _signal(hotel, f"u{n}")) for n in range(20)
        ]
    assert {place.partition for place in places} == {partition_of(hotel, settings.partitions)}
    async with shells.reader(settings) as reader:
        found = [
            decode_as(record.value, SIGNALS, Signal)
            async for record in shells.read_to_end(reader, shells.partitions_of(settings, SIGNALS))
            if record.key == hotel.encode()
        ]
        assert [signal.typing.user_id for signal in found if signal.typing] == [f"u{n}" for n in range(20)]
        async with shells.producer(settings) as producer:
            await shells.send(producer, settings, SIGNALS, hotel, _signal(hotel, "later"))
        followed = await reader.getone()
        assert decode_as(followed.value, SIGNALS, Signal) == _signal(hotel, "later")


@pytest.mark.parametrize("client", [shells.producer, shells.reader])
async def test_who_stops_a_client_can_be_cancelled_at_any_step_of_it(
    kafka: str, client: Callable[[Settings], Any]
) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    cancelled = set()
    for steps in range(1, 12):  # aiokafka's own stop loses the cancellation at five or six of them
        one = client(settings)
        await one.start()
        stopping = asyncio.create_task(one.stop())
        for _ in range(steps):
            await asyncio.sleep(0)
        if stopping.done():
            break
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await stopping
        cancelled.add(stopping.cancelled())
    assert cancelled == {True}


def _at(task: asyncio.Task[Any]) -> str:
    """What it waits for."""
    coroutine: Any = task.get_coro()
    return getattr(coroutine.cr_await, "__name__", "")


async def test_a_reader_whose_fetch_has_just_failed_stops_as_any_other(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    one = shells.reader(settings, retry_backoff_ms=600_000)  # what failed is in its pause
    await one.start()
    one.assign([TopicPartition(SIGNALS.name, 0)])
    await one.seek_to_end()

    def failed() -> bool:
        for line in list(one._client._conns.values()):
            line.close()
        return "sleep" in [_at(task) for task in one._fetcher._pending_tasks]

    try:
        await until(failed)
    finally:
        await one.stop()
    assert not any(line.connected() for line in one._client._conns.values())


async def test_an_unreadable_record_is_kept_whole_with_its_coordinates(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    hotel = new_id()
    async with shells.producer(settings) as producer, shells.reader(settings) as reader:
        place = await producer.send_and_wait(SIGNALS.name, b"poison", key=hotel.encode(), partition=1)
        async for record in shells.read_to_end(reader, shells.partitions_of(settings, SIGNALS)):
            if record.key == hotel.encode():
                for _ in range(2):  # whoever died behind the first sends it again
                    await shells.dead_letter(producer, settings, record, "not in Confluent framing", "test")
        letters = [
            decode_as(record.value, DEAD_LETTERS, DeadLetter)
            async for record in shells.read_to_end(reader, shells.partitions_of(settings, DEAD_LETTERS))
            if record.key == hotel.encode()
        ]
    letter, again = [one for one in letters if one.found_by == "test"]
    assert letter.event_id == again.event_id
    assert (letter.topic, letter.partition, letter.offset) == (SIGNALS.name, 1, place.offset)
    assert (letter.value, letter.property_id, letter.reason) == (b"poison", hotel, "not in Confluent framing")


def test_tls_and_sasl_settings_reach_the_client() -> None:
    settings = Settings(
        kafka_url="broker:9093",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="u",
        kafka_sasl_password="p",
    )
    found = shells.connection(settings)
    assert found["ssl_context"].check_hostname
    assert (found["sasl_mechanism"], found["sasl_plain_username"], found["sasl_plain_password"]) == (
        "SCRAM-SHA-512",
        "u",
        "p",
    )


async def test_one_record_is_read_at_its_place_or_is_said_not_to_be_there(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    hotel = new_id()
    async with shells.producer(settings) as producer:
        places = [await shells.send(producer, settings, SIGNALS, hotel, _signal(hotel, u)) for u in "abc"]
    tp = TopicPartition(SIGNALS.name, places[1].partition)
    found = await shells.record_at(settings, tp, places[1].offset)
    assert decode_as(found.value, SIGNALS, Signal) == _signal(hotel, "b")
    for offset in (-1, places[2].offset + 1):
        with pytest.raises(LookupError, match=rf"signals/{tp.partition} holds no record at {offset}"):
            await shells.record_at(settings, tp, offset)
