"""What the sink's tests share: settings on the session's engines, a fresh database, answers on the log."""

from __future__ import annotations

import asyncio
import datetime
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import clickhouse_connect
from aiokafka import AIOKafkaProducer, TopicPartition

from infra import topics as broker_topics
from infra.migrations import runner
from infra.migrations.files import Migration, load
from infra.runtime import kafka
from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.ids import new_id
from schemas.records.base import Cause, Why
from schemas.records.rooms import ChargePosted, ReservationMade, RoomsAnswer, RoomsFact
from streams.sinks.loop import Sink
from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE

PARTITIONS = 6
# Whose databases were made, in this order.
made_for: list[Settings] = []
DAY = datetime.date(2026, 5, 1)


def settings_for(kafka_url: str, house: Warehouse, **more: Any) -> Settings:
    """Settings on these engines with a database of its own."""
    return Settings(
        kafka_url=kafka_url,
        clickhouse_url=house.url,
        clickhouse_database=more.pop("database", f"t{uuid.uuid4().hex[:10]}"),
        clickhouse_writer=house.writer,
        clickhouse_writer_password=house.writer_password,
        clickhouse_reader=house.reader,
        clickhouse_reader_password=house.reader_password,
        partitions=PARTITIONS,
        **more,
    )


async def prepare(settings: Settings, *, views: bool = False) -> None:
    """Topics and tables."""
    await broker_topics.ensure(settings)
    made_for.append(settings)
    await asyncio.to_thread(runner.migrate, settings, None if views else tables())


@cache
def tables() -> tuple[Migration, ...]:
    """The migrations without views, which are 2 of their 2.7 CPU seconds."""
    views = re.compile(r"(\s|--.*\n)*(CREATE OR REPLACE|DROP) VIEW")
    return tuple(
        replace(one, sql=";\n".join(said for said in one.statements if not views.match(said)))
        for one in load()
    )


def client(settings: Settings, *, reader: bool = False) -> Any:
    """clickhouse-connect as writer, or as reader; the same one each time: a new one costs 34 ms of CPU."""
    return _client(*access(settings, reader=reader).items())


@cache
def _client(*arguments: tuple[str, Any]) -> Any:
    return clickhouse_connect.get_client(**dict(arguments))


def drop(settings: Settings) -> None:
    """Its database goes, and what it held in memory at once."""
    client(settings).command(f"DROP DATABASE IF EXISTS {settings.clickhouse_database} SYNC")


def new_hotel() -> str:
    """A hotel no other test knows."""
    return f"hotel-{uuid.uuid4().hex[:8]}"


def made(reservation_id: str, at: int, **more: Any) -> RoomsFact:
    """A reservation is made, three nights at 100.10."""
    body = {
        "arrival": DAY,
        "departure": DAY + datetime.timedelta(3),
        "booked_on": DAY - datetime.timedelta(30),
        "rate": Decimal("100.10"),
        "currency": "EUR",
        **more,
    }
    return RoomsFact(
        fact_id=new_id(),
        occurred_at=at,
        reservation_made=ReservationMade(reservation_id=reservation_id, **body),
    )


def charged(reservation_id: str, at: int, amount: str, day: datetime.date = DAY) -> RoomsFact:
    """A room charge."""
    body = ChargePosted(
        charge_id=new_id(),
        reservation_id=reservation_id,
        business_date=day,
        kind="room",
        amount=Decimal(amount),
        currency="EUR",
    )
    return RoomsFact(fact_id=new_id(), occurred_at=at, charge_posted=body)


def answer(hotel: str, expected: int, facts: list[RoomsFact], **more: Any) -> RoomsAnswer:
    """An answer of the room agent that expects to lie at `expected`."""
    head: dict[str, Any] = {
        "event_id": new_id(),
        "property_id": hotel,
        "recorded_at": int(time.time() * 1000),
        "actor_id": "admin",
        "actor_role": "admin",
        "causation_id": new_id(),
        "cause": Cause(topic="rooms.intake", partition=t.partition_of(hotel, PARTITIONS), offset=expected),
        "verdict": "accepted",
        "why": Why(rule="test/1", sentence="because"),
    }
    return RoomsAnswer(expected=expected, facts=facts, **(head | more))


async def end_of(settings: Settings, topic: t.Topic, hotel: str) -> int:
    """The offset that the next record of this hotel on `topic` gets."""
    consumer = kafka.reader(settings)
    await consumer.start()
    try:
        tp = TopicPartition(topic.name, t.partition_of(hotel, settings.partitions))
        ends = await consumer.end_offsets([tp])
        return int(ends[tp])
    finally:
        await consumer.stop()


@asynccontextmanager
async def producing(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """A started producer."""
    producer = kafka.producer(settings)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def sinking(settings: Settings) -> AsyncIterator[Sink]:
    """A sink that runs; its error, if it had one, comes out at the end."""
    stop = asyncio.Event()
    sink = Sink(settings, stop)
    task = asyncio.create_task(sink.run())
    try:
        yield sink
    finally:
        stop.set()
        await task


async def until(check: Callable[[], Any], wanted: Any) -> Any:
    """Polls `check` in a thread until it gives `wanted`; returns the last."""
    deadline = time.monotonic() + PATIENCE
    found = await asyncio.to_thread(check)
    while found != wanted and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        found = await asyncio.to_thread(check)
    return found
