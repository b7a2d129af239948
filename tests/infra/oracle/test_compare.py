"""Rows as multisets: spelled alike, counted, told apart."""

from __future__ import annotations

from infra.oracle import compare
from infra.oracle.reading import read
from infra.runtime.kafka import send
from schemas.records.operations import Delivery
from schemas.topics import DEAD_LETTERS, DELIVERIES, ROOMS
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


async def test_records_that_no_table_can_hold_are_not_missed(kafka: str, warehouse: Warehouse) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    async with stand.producing(settings) as producer, stand.sinking(settings):
        for at, status in ((1, 201), (1, 2**40), (1 << 50, 201)):
            delivery = Delivery(
                event_id=f"{at}/{status}", property_id=hotel, notification_id="n", user_id="u",
                subscription_id="s", state="accepted", status=status, at=at,
            )  # fmt: skip
            await send(producer, settings, DELIVERIES, hotel, delivery)
        for at in (1_000, -(1 << 50)):
            expected = await stand.end_of(settings, ROOMS, hotel)
            facts = [stand.charged("r1", 1, "5"), stand.charged("r1", at, "5")]
            await send(producer, settings, ROOMS, hotel, stand.answer(hotel, expected, facts))
        for topics in ([ROOMS, DELIVERIES], [ROOMS, DELIVERIES, DEAD_LETTERS]):  # letters come of the first
            log = await read(settings, topics)
            assert not await compare.caught_up(settings, log, 30)
    assert compare.faults(settings, log) == []
    counted = "SELECT (SELECT count() FROM deliveries WHERE property_id = {h:String}), (SELECT count() FROM "
    found = stand.client(settings).query(
        counted + "charges WHERE property_id = {h:String})", parameters={"h": hotel}
    )
    assert found.result_rows == [(1, 2)]


async def test_a_row_lost_and_a_row_doubled_are_found_in_the_warehouse(
    kafka: str, warehouse: Warehouse
) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    async with stand.producing(settings) as producer, stand.sinking(settings):
        expected = await stand.end_of(settings, ROOMS, hotel)
        facts = [stand.made("r1", 1_000), stand.charged("r1", 2_000, "100.10")]
        await send(producer, settings, ROOMS, hotel, stand.answer(hotel, expected, facts))
        log = await read(settings, [ROOMS])
        assert not await compare.caught_up(settings, log, 30)
    assert compare.faults(settings, log) == []
    writer, names = stand.client(settings), {"h": hotel}
    writer.command(
        "ALTER TABLE charges DELETE WHERE property_id = {h:String} SETTINGS mutations_sync = 2",
        parameters=names,
    )
    for table in ("decisions", "reservation_facts"):  # a merge leaves one of two rows of a place
        writer.command(f"SYSTEM STOP MERGES {table}")
    writer.command(
        "INSERT INTO decisions SELECT * REPLACE ('altered' AS sentence) FROM decisions "
        "WHERE property_id = {h:String}",
        parameters=names,
    )
    writer.command(
        "INSERT INTO reservation_facts SELECT * FROM reservation_facts WHERE property_id = {h:String}",
        parameters=names,
    )
    lost, doubled = compare.faults(settings, log)  # of reservations nothing: the second is the first
    assert lost.startswith("charges lacks [")
    assert doubled.startswith("decisions has too much [")
