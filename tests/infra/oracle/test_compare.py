"""Rows as multisets: spelled alike, counted, told apart."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from infra.oracle import compare
from infra.oracle.compare import spelled
from infra.oracle.reading import read
from infra.runtime.kafka import send
from schemas.records.operations import Delivery
from schemas.topics import DELIVERIES, ROOMS
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("Float64", 1, 1.0),
        ("Float64", 0.0, -0.0),
        ("Bool", True, 1),
        ("Decimal(18, 4)", Decimal("10.5000"), Decimal("10.5")),
        ("Decimal(18, 4)", Decimal("0.000"), 0),
        ("Map(String, Int64)", {"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ("Array(String)", ["x", "y"], ("x", "y")),
        ("Array(Float64)", [1], (1.0,)),
        ("String", b"\x00\xff", "00FF"),
        ("Nullable(Float64)", None, None),
    ],
)
def test_what_is_the_same_is_spelled_the_same(kind: str, one: object, other: object) -> None:
    assert spelled({"c": kind}, [one]) == spelled({"c": kind}, [other])


def test_what_differs_is_spelled_differently() -> None:
    values = [1, "a", None, [], 0.1, datetime.date(2026, 1, 2)]
    assert len({spelled({"c": "Int64"}, [value]) for value in values}) == len(values)


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
        log = await read(settings, [ROOMS, DELIVERIES])
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
    writer.command(
        "INSERT INTO decisions SELECT * REPLACE ('altered' AS sentence) FROM decisions "
        "WHERE property_id = {h:String}",
        parameters=names,
    )
    lost, doubled = compare.faults(settings, log)
    assert lost.startswith("charges lacks [")
    assert doubled.startswith("decisions has too much [")
