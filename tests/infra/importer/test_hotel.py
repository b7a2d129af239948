"""A hotel that is imported keeps what it has."""

from __future__ import annotations

import msgspec

from infra.importer.hotel import publish, wanted
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


def test_a_known_hotel_keeps_name_and_departments() -> None:
    new = wanted(None, "h1", 226, "Europe/Lisbon")
    assert (new.name, new.capacity, new.time_zone, new.currency) == ("h1", 226, "Europe/Lisbon", "EUR")
    known = msgspec.structs.replace(new, name="Harbour", departments=["spa"])
    after = wanted(known, "h1", 100, "Europe/Paris")
    assert (after.name, after.departments, after.capacity) == ("Harbour", ["spa"], 100)


async def test_it_is_said_once(kafka: str, warehouse: Warehouse) -> None:
    settings = stand.settings_for(kafka, warehouse)
    await stand.prepare(settings)
    hotel = stand.new_hotel()
    async with stand.producing(settings) as producer:
        assert await publish(settings, producer, hotel, 226, "Europe/Lisbon")
        assert not await publish(settings, producer, hotel, 226, "Europe/Lisbon")
        assert await publish(settings, producer, hotel, 227, "Europe/Lisbon")
