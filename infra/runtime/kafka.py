"""Kafka shells: connect from settings, send to the hotel's partition, read topics to their end."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import RecordMetadata

from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import encode
from schemas.ids import derived_id
from schemas.record import Record
from schemas.records.operations import DeadLetter
from schemas.topics import Topic

MAX_RECORD_BYTES = 4 * 1024 * 1024
# A dead letter carries the bytes that could not be read; beyond this they are cut and `reason` says so.
MAX_DEAD_BYTES = 1024 * 1024
RECORD_SECONDS = 10.0


class ShortRead(RuntimeError):
    """A topic could not be read up to the end it had at first: what was folded is not the whole."""


async def _stopped(stopping: Coroutine[Any, Any, None]) -> None:
    """Awaits a client's `stop` to its end; a cancellation that comes meanwhile is raised after it.

    aiokafka cancels its own task and awaits it: whoever is cancelled there cancels that task once more, which
    takes both for one, and the cancellation is gone. The caller then goes on for ever.
    """
    task = asyncio.create_task(stopping)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


class Producer(AIOKafkaProducer):  # type: ignore[misc]  # untyped
    """aiokafka's, whose `stop` can be cancelled."""

    async def stop(self) -> None:
        await _stopped(super().stop())


class Reader(AIOKafkaConsumer):  # type: ignore[misc]  # untyped
    """aiokafka's, whose `stop` can be cancelled, and stops all of it."""

    async def stop(self) -> None:
        await _stopped(self._stop_all())

    async def _stop_all(self) -> None:
        try:
            await super().stop()
        except asyncio.CancelledError:
            # Nobody's: aiokafka cancels a fetch that has just failed and awaits it. Who stops a reader while
            # Kafka is away would take that for a cancellation of their own, and the connection stay open.
            await self._client.close()


def connection(settings: Settings) -> dict[str, Any]:
    """aiokafka's connection arguments: addresses, TLS, SASL. OSError: an unreadable certificate."""
    found: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=settings.kafka_ca_file or None)
        if settings.kafka_cert_file:
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file or None)
        found["ssl_context"] = context
    if settings.kafka_security_protocol.startswith("SASL"):
        found |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    return found


def unreachable(settings: Settings, error: Exception) -> Problem:
    """One sentence for a cluster that is away or lets nobody in, or a certificate that can't be read."""
    return Problem(
        f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}): "
        "start it with `concierge up`, or check CONCIERGE_KAFKA_URL and what the cluster asks for."
    )


def producer(settings: Settings, **options: Any) -> AIOKafkaProducer:
    """An idempotent producer with acks=all, not yet started. Options are aiokafka's."""
    defaults: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "max_request_size": MAX_RECORD_BYTES,
        "request_timeout_ms": 30_000,
    }
    return Producer(**connection(settings), **(defaults | options))


def reader(settings: Settings, **options: Any) -> AIOKafkaConsumer:
    """A consumer without a group, for `assign` and `seek`, not yet started. Options are aiokafka's."""
    defaults: dict[str, Any] = {
        "group_id": None,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "max_partition_fetch_bytes": MAX_RECORD_BYTES,
        # A broker answers a connection's requests in order, so whatever is asked while a fetch waits for
        # records waits with it, 500 ms by default: a gateway asks six times before it is ready.
        "fetch_max_wait_ms": 100,
    }
    return Reader(**connection(settings), **(defaults | options))


def partitions_of(settings: Settings, *wanted: Topic) -> list[TopicPartition]:
    """Every partition of these topics."""
    return [TopicPartition(topic.name, p) for topic in wanted for p in range(settings.partitions)]


async def read_to_end(
    consumer: AIOKafkaConsumer,
    partitions: list[TopicPartition],
    start: Mapping[TopicPartition, int] | None = None,
    stall_seconds: float = 30.0,
    ends: Mapping[TopicPartition, int] | None = None,
) -> AsyncIterator[ConsumerRecord]:
    """Every record from `start` (default: the log's start) below `ends` (default: the ends as of now).

    Order holds per partition.

    Assigns `partitions` and leaves the consumer positioned at those ends, ready to be followed.
    ShortRead where no record came for `stall_seconds` though the end is not reached.
    """
    consumer.assign(partitions)
    begins = await consumer.beginning_offsets(partitions)
    ends = ends or await consumer.end_offsets(partitions)
    for tp in partitions:  # explicit: a missing position would silently read nothing
        consumer.seek(tp, max((start or {}).get(tp, begins[tp]), begins[tp]))
    left = {tp for tp in partitions if await consumer.position(tp) < ends[tp]}
    progress = time.monotonic()
    consumer.pause(*(set(partitions) - left))
    while left:
        batches = await consumer.getmany(*left, timeout_ms=200)
        for tp, records in batches.items():
            progress = time.monotonic()
            for record in records:
                if record.offset >= ends[tp]:
                    break
                yield record
        for tp in list(left):
            if await consumer.position(tp) >= ends[tp]:
                consumer.seek(tp, ends[tp])
                consumer.pause(tp)
                left.discard(tp)
        if left and time.monotonic() - progress > stall_seconds:
            raise ShortRead(f"{sorted(left)[0]}: no record for {stall_seconds:.0f} s before its end")
    consumer.resume(*partitions)


async def record_at(settings: Settings, tp: TopicPartition, offset: int) -> ConsumerRecord:
    """The record at this place. LookupError where it is no more, KafkaError while the cluster is away."""
    async with reader(settings) as consumer:
        consumer.assign([tp])
        begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        consumer.seek(tp, max(offset, begin))
        deadline = time.monotonic() + RECORD_SECONDS
        while begin <= offset < end:
            if time.monotonic() > deadline:
                raise KafkaTimeoutError(f"no record in {RECORD_SECONDS:.0f} s")
            for record in (await consumer.getmany(tp, timeout_ms=200, max_records=1)).get(tp, []):
                if record.offset == offset:
                    return record
                end = offset
    raise LookupError(f"{tp.topic}/{tp.partition} holds no record at {offset}")


async def send(
    sender: AIOKafkaProducer,
    settings: Settings,
    topic: Topic,
    property_id: str,
    record: Record | None,
    key: bytes | None = None,
) -> RecordMetadata:
    """Send one record to its hotel's partition and wait for acks=all. `record` None is a tombstone.

    The key is the property_id unless `key` says otherwise (compacted topics). Raises aiokafka's KafkaError;
    after a time-out whether it was written is unknown.
    """
    future = await sender.send(
        topic.name,
        value=None if record is None else encode(record),
        key=key or property_id.encode(),
        partition=topics.partition_of(property_id, settings.partitions),
    )
    return await asyncio.shield(future)


async def dead_letter(
    sender: AIOKafkaProducer, settings: Settings, source: ConsumerRecord, reason: str, found_by: str
) -> None:
    """Keep what could not be read: raw bytes, coordinates, why. Same record, same finder: same event_id."""
    value = source.value
    if value is not None and len(value) > MAX_DEAD_BYTES:
        reason, value = f"{reason} (cut to {MAX_DEAD_BYTES} of {len(value)} bytes)", value[:MAX_DEAD_BYTES]
    property_id = (source.key or b"").split(b"/")[0].decode(errors="replace")[:200]
    record = DeadLetter(
        event_id=derived_id("dead", source.topic, source.partition, source.offset, found_by),
        property_id=property_id,
        topic=source.topic,
        partition=source.partition,
        offset=source.offset,
        key=source.key,
        value=value,
        reason=reason[:8000],
        found_by=found_by,
        at=int(time.time() * 1000),
    )
    future = await sender.send(
        topics.DEAD_LETTERS.name,
        value=encode(record),
        key=source.key,
        partition=min(source.partition, settings.partitions - 1),
    )
    await asyncio.shield(future)
