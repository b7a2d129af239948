"""One hotel on real engines: equal, and each kind of difference found."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from infra.oracle.compare import client, written
from infra.oracle.verify import Report, verify
from infra.runtime.kafka import send
from infra.runtime.settings import Settings
from schemas.records.folds import RevenueState
from schemas.topics import REVENUE_STATE, ROOMS, entity_key, partition_of
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


async def has_written(settings: Settings, topic: str, hotel: str, end: int) -> None:
    """Waits until the sink says that the tables have this hotel's partition of a topic up to `end`."""
    warehouse = await asyncio.to_thread(client, settings)
    place = (topic, partition_of(hotel, settings.partitions))
    assert await stand.until(lambda: written(warehouse).get(place, 0) >= end, True)
    warehouse.close()


def _revenue(hotel: str, end: int, room_revenue: str) -> RevenueState:
    return RevenueState(
        property_id=hotel, kind="revenue", id=stand.DAY.isoformat(), vector={"rooms": end}, as_of=2_000,
        business_date=stand.DAY, currency="EUR", room_revenue=Decimal(room_revenue),
        other_revenue=Decimal(0), room_nights=1, complimentary_nights=0, charges=1,
    )  # fmt: skip


async def test_equal_and_then_not(kafka: str, warehouse: Warehouse) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    seen: list[tuple[str, int, int]] = []

    async def verified() -> Report:
        return await verify(settings, hotel, lambda *step: seen.append(step))

    async with stand.producing(settings) as producer, stand.sinking(settings):
        start = await stand.end_of(settings, ROOMS, hotel)
        facts = [stand.made("r1", 1_000), stand.charged("r1", 2_000, "100.10")]
        await send(producer, settings, ROOMS, hotel, stand.answer(hotel, start, facts))
        key = entity_key(hotel, "revenue", stand.DAY.isoformat())
        good = _revenue(hotel, start + 1, "100.10")
        place = await send(producer, settings, REVENUE_STATE, hotel, good, key)
        await has_written(settings, "rooms", hotel, start + 1)
        await has_written(settings, "revenue.state", hotel, place.offset + 1)

        report = await verified()
        assert (report.equal, report.differences, report.values) == (True, [], 1)
        assert report.tables["charges"]["rows"] == report.tables["revenue_snapshots"]["rows"] == 1
        assert report.vector[f"rooms/{place.partition}"] >= start + 1
        assert seen[-1][1] == report.records
        again = await verified()
        assert again.tables["charges"]["hash"] == report.tables["charges"]["hash"] != "0" * 32

        lost = client(settings)
        lost.command(
            "ALTER TABLE charges DELETE WHERE property_id = {h:String} SETTINGS mutations_sync = 2",
            parameters={"h": hotel},
        )
        lost.close()
        wrong = _revenue(hotel, start + 1, "100.11")
        place = await send(producer, settings, REVENUE_STATE, hotel, wrong, key)
        await has_written(settings, "revenue.state", hotel, place.offset + 1)
        report = await verified()
    assert not report.equal
    assert report.tables["charges"]["lacks"] == 1
    row, value = report.differences
    assert row.startswith("charges lacks [")
    assert value == (
        f"revenue.state of {hotel}, {stand.DAY}: room_revenue is 100.1100, the log says 100.1000"
    )
