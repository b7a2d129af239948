"""On real engines: what is replayed has one effect, what can't be says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition
from msgspec.structs import replace

from infra.letters import replaying as replaying_module
from infra.letters.reading import Wanted, read
from infra.letters.replaying import Replayer
from infra.runtime import kafka as shell
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.codec import decode_as, encode
from schemas.ids import derived_id, new_id
from schemas.records.base import Cause
from schemas.records.operations import DeadLetter
from schemas.records.rooms import RoomsIntake
from streams.sinks.warehouse import Warehouse as Tables
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


@asynccontextmanager
async def replaying(settings: Settings) -> AsyncIterator[Replayer]:
    tables = Tables(settings)
    async with stand.producing(settings) as producer:
        yield Replayer(settings, producer, tables)
    tables.close()


def count(settings: Settings, table: str, hotel: str, more: str = "") -> int:
    said = f"SELECT count() FROM {table} FINAL WHERE property_id = {{h:String}} {more}"
    return int(stand.client(settings).query(said, parameters={"h": hotel}).result_rows[0][0])


async def answered(settings: Settings, replayer: Replayer, batch: RoomsIntake, offset: int) -> None:
    """The room agent answers the batch at this place."""
    hotel = batch.property_id
    cause = Cause(topic=t.ROOMS_INTAKE.name, partition=t.partition_of(hotel, 6), offset=offset)
    place = await stand.end_of(settings, t.ROOMS, hotel)
    said = stand.answer(hotel, place, [], causation_id=batch.batch_id, cause=cause)
    await shell.send(replayer.producer, settings, t.ROOMS, hotel, said)


async def last(settings: Settings, topic: t.Topic, hotel: str) -> Any:
    tp = TopicPartition(topic.name, t.partition_of(hotel, settings.partitions))
    return await shell.record_at(settings, tp, await stand.end_of(settings, topic, hotel) - 1)


def letter(hotel: str, topic: str, value: bytes, **more: Any) -> DeadLetter:
    fields: dict[str, Any] = {"partition": 0, "offset": 0, "key": hotel.encode(), "found_by": "rooms"} | more
    return DeadLetter(
        event_id=new_id(), property_id=hotel, topic=topic, value=value, reason="why", at=1, **fields
    )


async def test_what_the_warehouse_refused_is_written_at_its_own_offset_once(
    kafka: str, warehouse: Warehouse
) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings, views=True)
    writer = stand.client(settings)
    writer.command("ALTER TABLE charges ADD CONSTRAINT no_thirteen CHECK amount != 13")
    async with replaying(settings) as replayer, stand.sinking(settings):
        place = await stand.end_of(settings, t.ROOMS, hotel)
        said = stand.answer(hotel, place, [stand.charged("r", 1, "13"), stand.made("r", 2)])
        await shell.send(replayer.producer, settings, t.ROOMS, hotel, said)
        assert await stand.until(lambda: count(settings, "dead_letters", hotel), 1) == 1
        (found,) = await read(settings, Wanted(property_id=hotel))
        with pytest.raises(Problem, match=r"is still not for the tables .*no_thirteen"):
            await replayer.replay(found)
        writer.command("ALTER TABLE charges DROP CONSTRAINT no_thirteen")
        for _ in range(2):
            assert (await replayer.replay(found)).startswith("3 rows written at rooms/")
        assert [count(settings, table, hotel) for table in ("charges", "reservation_facts", "decisions")] == [
            1, 1, 1,
        ]  # fmt: skip
        assert await read(settings, Wanted(property_id=hotel)) == []
        closed = "v_dead_letters WHERE outcome = 'replayed' AND bytes > 0 AND property_id = {h:String}"
        asked = lambda: writer.query(f"SELECT count() FROM {closed}", parameters={"h": hotel}).result_rows  # noqa: E731
        assert await stand.until(asked, [(1,)]) == [(1,)]


async def test_an_input_is_sent_home_as_it_was_and_under_another_id_where_it_was_answered(
    kafka: str, warehouse: Warehouse
) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    batch = RoomsIntake(
        batch_id=new_id(), property_id=hotel, actor_id="pms", source_system="pms", facts=[stand.made("r", 1)]
    )
    home = t.partition_of(hotel, settings.partitions)
    stray = letter(hotel, t.ROOMS_INTAKE.name, encode(batch), partition=(home + 1) % settings.partitions)
    async with replaying(settings) as replayer, stand.sinking(settings):
        assert f"sent again to rooms.intake/{home} at" in await replayer.replay(stray)
        sent = await last(settings, t.ROOMS_INTAKE, hotel)
        assert (sent.key, sent.value) == (hotel.encode(), stray.value)

        await answered(settings, replayer, batch, sent.offset)
        await replayer.replay(stray)
        sent = await last(settings, t.ROOMS_INTAKE, hotel)
        assert sent.value == stray.value, "the answer is to what was sent again: its id has its effect"

        failed = letter(hotel, t.ROOMS_INTAKE.name, encode(batch), partition=home, offset=sent.offset)
        await answered(settings, replayer, batch, failed.offset)
        for _ in range(2):
            await replayer.replay(failed)
            sent = await last(settings, t.ROOMS_INTAKE, hotel)
            again = decode_as(sent.value, t.ROOMS_INTAKE, RoomsIntake)
            assert again == replace(batch, batch_id=derived_id(batch.batch_id, "replay"))

        poison = letter(hotel, t.ROOMS_INTAKE.name, b"poison", partition=home)
        await replayer.replay(poison)
        assert (await last(settings, t.ROOMS_INTAKE, hotel)).value == b"poison"


async def test_while_the_tables_are_behind_nobody_knows_what_was_answered(
    kafka: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying_module, "SINK_SECONDS", 0.2)
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    batch = RoomsIntake(
        batch_id=new_id(), property_id=hotel, actor_id="pms", source_system="pms", facts=[stand.made("r", 1)]
    )
    home = t.partition_of(hotel, settings.partitions)
    failed = letter(hotel, t.ROOMS_INTAKE.name, encode(batch), partition=home)
    async with replaying(settings) as replayer:
        await answered(settings, replayer, batch, failed.offset)
        end = await stand.end_of(settings, t.ROOMS_INTAKE, hotel)
        with pytest.raises(Problem, match=f"the tables are behind rooms/{home}"):
            await replayer.replay(failed)
        assert await stand.end_of(settings, t.ROOMS_INTAKE, hotel) == end, "nothing was sent"
        monkeypatch.undo()
        async with stand.sinking(settings):
            await replayer.replay(failed)
        sent = decode_as((await last(settings, t.ROOMS_INTAKE, hotel)).value, t.ROOMS_INTAKE, RoomsIntake)
        assert sent.batch_id == derived_id(batch.batch_id, "replay")


async def test_what_cannot_be_replayed_says_what_to_do(kafka: str, warehouse: Warehouse) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    cut = b"x" * shell.MAX_DEAD_BYTES
    async with replaying(settings) as replayer:
        for one, says in (
            (
                letter(hotel, "import/bookings", b"x"),
                "came from import/bookings, which is no topic",
            ),
            (letter(hotel, t.ROOMS.name, b"x", found_by="folders"), "Start a folders that can read it"),
            (letter(hotel, t.ROOMS_INTAKE.name, cut, offset=10**9), "it can only be dropped"),
        ):
            with pytest.raises(Problem, match=says):
                await replayer.replay(one)
