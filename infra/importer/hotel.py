"""The settings of a hotel that is imported: made where there are none, kept but for zone and capacity."""

from __future__ import annotations

import time

import msgspec
from aiokafka import AIOKafkaProducer

from infra.importer.bookings import CURRENCY
from infra.runtime import kafka
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.codec import Undecodable, decode_as
from schemas.records.settings import PropertySettings, SettingsRecord

DEPARTMENTS = ["housekeeping", "maintenance", "front_desk", "room_service", "concierge", "security"]


def wanted(known: PropertySettings | None, property_id: str, rooms: int, zone: str) -> PropertySettings:
    """The hotel's settings after the import."""
    if known is not None:
        return msgspec.structs.replace(known, time_zone=zone, capacity=rooms)
    return PropertySettings(
        name=property_id, time_zone=zone, currency=CURRENCY, departments=DEPARTMENTS, capacity=rooms
    )


async def publish(
    settings: Settings, producer: AIOKafkaProducer, property_id: str, rooms: int, zone: str
) -> bool:
    """Says the hotel's settings on the log, unless they are said already. True if it had to."""
    known = await _known(settings, property_id)
    found = wanted(known, property_id, rooms, zone)
    if found == known:
        return False
    record = SettingsRecord(
        property_id=property_id,
        kind="property",
        id=property_id,
        at=int(time.time() * 1000),
        actor_id="import",
        property=found,
    )
    key = t.entity_key(property_id, "property", property_id)
    await kafka.send(producer, settings, t.SETTINGS, property_id, record, key)
    return True


async def _known(settings: Settings, property_id: str) -> PropertySettings | None:
    consumer = kafka.reader(settings)
    await consumer.start()
    key = t.entity_key(property_id, "property", property_id)
    known = None
    partition = t.partition_of(property_id, settings.partitions)
    mine = [tp for tp in kafka.partitions_of(settings, t.SETTINGS) if tp.partition == partition]
    try:
        async for record in kafka.read_to_end(consumer, mine):
            if record.key == key:
                known = _property(record.value)
    finally:
        await consumer.stop()
    return known


def _property(value: bytes | None) -> PropertySettings | None:
    try:
        return decode_as(value, t.SETTINGS, SettingsRecord).property
    except Undecodable:  # a tombstone, or poison that every reader of the topic reports
        return None
