"""Kafka alone: what a record costs from produce to consume, and how fast bytes go in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.runtime import kafka
from infra.runtime.settings import Settings, load

TOPIC = "bench.raw"


@asynccontextmanager
async def topic(settings: Settings) -> AsyncIterator[str]:
    """A topic of one partition that is gone afterwards."""
    admin = AIOKafkaAdminClient(**kafka.connection(settings))
    await admin.start()
    try:
        config = {"max.message.bytes": str(kafka.MAX_RECORD_BYTES)}
        await admin.create_topics([NewTopic(TOPIC, 1, settings.replication, topic_configs=config)])
        yield TOPIC
        await admin.delete_topics([TOPIC])
    finally:
        await admin.close()


@asynccontextmanager
async def newest(name: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer, by this process's settings, of what comes to that topic's one partition from now on."""
    async with kafka.reader(load()) as consumer:
        consumer.assign([TopicPartition(name, 0)])
        await consumer.seek_to_end()
        yield consumer


async def latencies(settings: Settings, rate: float, wanted: int, size: int = 300) -> list[float]:
    """Seconds from send to consumed of each of `wanted` records, `rate` a second, acks=all, `size` bytes."""
    found: list[float] = []
    async with topic(settings) as name, kafka.producer(settings) as sender, kafka.reader(settings) as reader:
        reader.assign([TopicPartition(name, 0)])
        reader.seek(TopicPartition(name, 0), 0)
        sending = asyncio.create_task(_send(sender, name, rate, wanted, size))
        while len(found) < wanted:
            async with asyncio.timeout(30):
                record = await reader.getone()
            found.append(time.monotonic() - float(record.value.split(b" ", 1)[0]))
        await sending
    return found


async def _send(sender: AIOKafkaProducer, name: str, rate: float, wanted: int, size: int) -> None:
    began = time.monotonic()
    acks = []
    for number in range(wanted):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        value = f"{time.monotonic()} ".encode().ljust(size, b".")
        acks.append(await sender.send(name, value, partition=0))
    await asyncio.gather(*acks)


async def produce(settings: Settings, values: Sequence[bytes]) -> float:
    """Seconds that a producer alone takes to write these values, acks=all."""
    async with topic(settings) as name, kafka.producer(settings, max_batch_size=1024 * 1024) as sender:
        began = time.monotonic()
        await asyncio.gather(*[await sender.send(name, value, partition=0) for value in values])
        return time.monotonic() - began
