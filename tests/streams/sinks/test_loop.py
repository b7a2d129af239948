"""The sink on real engines: once, in order, nothing lost when it is cut off anywhere."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from infra.migrations.files import load
from infra.runtime import kafka, metrics, watchdog
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.runtime.watchdog import Watch, values
from schemas import topics as t
from schemas.records.operations import Delivery
from schemas.records.settings import PropertySettings, Revocation, SettingsRecord
from streams.sinks import loop, reading, rows
from streams.sinks.batch import Batch
from streams.sinks.loop import Sink
from streams.sinks.place import Place
from streams.sinks.reading import NAME
from streams.sinks.share import Share
from streams.sinks.warehouse import Warehouse
from streams.sinks.writer import Patience, Writer
from tests.fixtures_warehouse import Warehouse as Engine
from tests.patience import PATIENCE
from tests.streams.sinks import stand


@pytest.fixture
async def house(kafka: str, warehouse: Engine) -> Settings:
    """Topics and a fresh database."""
    settings = stand.settings_for(kafka, warehouse)
    await stand.prepare(settings)
    return settings


async def put(settings: Settings, producer: AIOKafkaProducer, hotel: str, facts: list[Any]) -> int:
    """One answer at its expected offset."""
    expected = await stand.end_of(settings, t.ROOMS, hotel)
    sent = await kafka.send(producer, settings, t.ROOMS, hotel, stand.answer(hotel, expected, facts))
    assert sent.offset == expected
    return expected


def count(settings: Settings, table: str, hotel: str) -> int:
    with_final = f"SELECT count() FROM {table} WHERE property_id = {{h:String}}"
    return int(stand.client(settings).query(with_final, parameters={"h": hotel}).result_rows[0][0])


async def test_facts_become_rows_with_their_place_and_the_decision(house: Settings) -> None:
    hotel = stand.new_hotel()
    async with stand.producing(house) as producer, stand.sinking(house):
        offset = await put(
            house, producer, hotel, [stand.made("r1", 1_000), stand.charged("r1", 2_000, "100.10")]
        )
        assert await stand.until(lambda: count(house, "decisions", hotel), 1) == 1
    client = stand.client(house)
    rows = client.query(
        "SELECT _partition, _offset, _fact, charge_kind, amount, toUnixTimestamp64Milli(occurred_at),"
        " room_id = ''"
        " FROM charges, (SELECT room_id FROM reservation_facts WHERE property_id = {h:String}) AS r"
        " WHERE property_id = {h:String}",
        parameters={"h": hotel},
    ).result_rows
    place = (t.partition_of(hotel, 6), offset, 1)
    assert rows == [(*place, "room", Decimal("100.1000"), 2_000, True)]
    why = client.query(
        "SELECT verdict, rule, sentence, facts FROM decisions WHERE property_id = {h:String}",
        parameters={"h": hotel},
    )
    assert why.result_rows == [("accepted", "test/1", "because", 2)]


async def test_a_fact_alone_does_not_wait_for_others(house: Settings) -> None:
    hotel = stand.new_hotel()
    async with stand.producing(house) as producer, stand.sinking(house) as sink:
        assert await stand.until(sink.ready, None) is None
        await put(house, producer, hotel, [stand.charged("r0", 1, "1")])
        assert await stand.until(lambda: count(house, "charges", hotel), 1) == 1
        await put(house, producer, hotel, [stand.charged("r1", 1, "1")])
        assert await stand.until(lambda: count(house, "charges", hotel), 2) == 2


async def test_poison_foreign_and_unfit_answers_become_dead_letters_and_the_rest_goes_in(
    house: Settings,
) -> None:
    hotel = stand.new_hotel()
    partition = t.partition_of(hotel, 6)
    async with stand.producing(house) as producer, stand.sinking(house):
        await producer.send_and_wait("rooms", b"poison", key=hotel.encode(), partition=partition)
        foreign = stand.answer(hotel, 10**6, [stand.charged("r1", 1, "9")])
        await kafka.send(producer, house, t.ROOMS, hotel, foreign)
        unfit = Delivery(
            event_id="e", property_id=hotel, notification_id="n", user_id="u", subscription_id="s",
            state="failed", status=2**40, at=1,
        )  # fmt: skip
        await kafka.send(producer, house, t.DELIVERIES, hotel, unfit)
        await put(house, producer, hotel, [stand.charged("r1", 1, "5")])
        assert await stand.until(lambda: count(house, "charges", hotel), 1) == 1
        assert await stand.until(lambda: count(house, "dead_letters", hotel), 3) == 3
    letters = stand.client(house).query(
        "SELECT topic, topic_partition, reason, value = 'poison' FROM dead_letters"
        " WHERE property_id = {h:String} ORDER BY topic DESC, topic_offset",
        parameters={"h": hotel},
    )
    assert letters.result_rows[0] == (
        "rooms",
        partition,
        "not in Confluent framing (0x00 and a 4-byte schema id)",
        True,
    )
    assert letters.result_rows[1][2].startswith("foreign: it expected offset 1000000")
    assert (
        letters.result_rows[2][2] == "status is 1099511627776, and deliveries holds -2147483648 to 2147483647"
    )


def letters(settings: Settings, hotel: str) -> list[Any]:
    said = (
        "SELECT topic_offset, reason FROM dead_letters WHERE property_id = {h:String} ORDER BY topic_offset"
    )
    return list(stand.client(settings).query(said, parameters={"h": hotel}).result_rows)


async def test_a_record_that_the_warehouse_refuses_is_found_and_the_rest_of_its_batch_is_in(
    house: Settings,
) -> None:
    hotel = stand.new_hotel()
    writer = stand.client(house)
    writer.command("ALTER TABLE charges ADD CONSTRAINT no_thirteen CHECK amount != 13")
    async with stand.producing(house) as producer:
        for n in range(12):
            amounts = ["1", "13"] if n in (4, 11) else [str(n)]
            await put(house, producer, hotel, [stand.charged(f"r{n}", n, one) for one in amounts])
        first = await stand.end_of(house, t.ROOMS, hotel) - 12
        async with stand.sinking(house) as sink:
            assert await stand.until(lambda: len(letters(house, hotel)), 2) == 2
            assert await stand.until(lambda: count(house, "charges", hotel), 10) == 10
            assert await stand.until(lambda: count(house, "decisions", hotel), 10) == 10
            assert sink.ready() is None
    assert [one[0] for one in letters(house, hotel)] == [first + 4, first + 11]
    assert letters(house, hotel)[0][1].startswith("the warehouse refuses its rows of charges: ")
    assert "no_thirteen" in letters(house, hotel)[0][1]


async def test_a_warehouse_that_refuses_everything_is_waited_for(house: Settings) -> None:
    hotel, most = stand.new_hotel(), 10  # more in a row than any other test leaves
    writer = stand.client(house)
    writer.command("ALTER TABLE charges ADD CONSTRAINT nothing CHECK amount < 0")
    async with stand.producing(house) as producer:
        for n in range(most + 2):
            await put(house, producer, hotel, [stand.charged(f"r{n}", n, "1")])
        async with stand.sinking(house.model_copy(update={"sink_dead_letters_most": most})) as sink:
            waits = await stand.until(
                lambda: (sink.ready() or "").startswith("the warehouse refuses rows: "), True
            )
            assert waits, sink.ready()
            writer.command("ALTER TABLE charges DROP CONSTRAINT nothing")
            assert await stand.until(lambda: count(house, "charges", hotel) >= 2, True)


async def test_a_topic_that_cannot_be_read_is_held_and_goes_on_with_a_sink_that_may(house: Settings) -> None:
    hotel, most = stand.new_hotel(), 3
    partition = t.partition_of(hotel, 6)
    async with stand.producing(house) as producer:
        for _ in range(most + 2):
            await producer.send_and_wait("rooms", b"poison", key=hotel.encode(), partition=partition)
        await put(house, producer, hotel, [stand.charged("r1", 1, "5")])
        async with stand.sinking(house.model_copy(update={"sink_dead_letters_most": most})) as sink:
            held = f"rooms/{partition} is held at offset "
            assert await stand.until(lambda: (sink.ready() or "").startswith(held), True)
            other = next(one for n in range(99) if t.partition_of(one := f"{hotel}-{n}", 6) != partition)
            await put(house, producer, other, [stand.charged("r1", 1, "5")])
            assert await stand.until(lambda: count(house, "charges", other), 1) == 1, "the others go on"
            assert await stand.until(lambda: len(letters(house, hotel)), most) == most
            assert count(house, "charges", hotel) == 0
        async with stand.sinking(house.model_copy(update={"sink_dead_letters_most": 0})):
            assert await stand.until(lambda: count(house, "charges", hotel), 1) == 1
            assert await stand.until(lambda: len(letters(house, hotel)), most + 2) == most + 2


async def test_cut_off_between_insert_and_progress_nothing_is_doubled(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotel = stand.new_hotel()
    async with stand.producing(house) as producer:
        for n in range(3):
            await put(house, producer, hotel, [stand.charged(f"r{n}", n, "1")])
        async with stand.sinking(house):
            assert await stand.until(lambda: count(house, "charges", hotel), 3) == 3
        # As after a kill before the progress row: tables are ahead of it, one lags behind another.
        client = stand.client(house)
        client.command("TRUNCATE TABLE progress")
        client.command("TRUNCATE TABLE decisions")
        await put(house, producer, hotel, [stand.charged("r3", 3, "1")])
        async with stand.sinking(house):
            assert await stand.until(lambda: count(house, "charges", hotel), 4) == 4
            assert await stand.until(lambda: count(house, "decisions", hotel), 4) == 4
    assert count(house, "charges", hotel) == 4


class Killed(BaseException):
    """The process is gone."""


TABLES = ("reservation_facts", "charges", "decisions")


@pytest.mark.parametrize("step", [*TABLES, "progress"])
async def test_killed_before_each_step_nothing_is_lost_or_doubled(
    house: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    hotel = stand.new_hotel()
    said: set[str] = set()
    real = Warehouse._insert

    def dying(tables: Warehouse, table: str, names: Any, columns: list[Any], token: str) -> None:
        of_hotel = "property_id" in names and hotel in columns[names.index("property_id")]
        if table == step and (of_hotel or said.issuperset(TABLES)):
            raise Killed
        if of_hotel:
            said.add(table)
        real(tables, table, names, columns, token)

    async with stand.producing(house) as producer:
        for n in range(2):
            await put(house, producer, hotel, [stand.made(f"r{n}", n), stand.charged(f"r{n}", n, "1")])
    with monkeypatch.context() as patch:
        patch.setattr(Warehouse, "_insert", dying)
        with pytest.raises(Killed):
            await asyncio.wait_for(Sink(house, asyncio.Event()).run(), PATIENCE)
    async with stand.sinking(house):
        for table in TABLES:
            await stand.until(lambda table=table: count(house, table, hotel), 2)  # type: ignore[misc]
    for table in TABLES:
        assert count(house, table, hotel) == 2


async def test_a_second_start_goes_on_from_the_progress_rows(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotel = stand.new_hotel()
    async with stand.producing(house) as producer:
        first = await put(house, producer, hotel, [stand.charged("r1", 1, "1")])
        partition = t.partition_of(hotel, 6)
        async with stand.sinking(house):
            progress = (
                "SELECT count() FROM progress WHERE topic = 'rooms' "
                f"AND _partition = {partition} AND next_offset > {first}"
            )
            assert await stand.until(lambda: stand.client(house).query(progress).result_rows[0][0] > 0, True)
        seen: list[int] = []
        real = rows.rows_of

        def watched(place: Any, value: bytes | None) -> Any:
            if (place.topic, place.partition) == ("rooms", partition):
                seen.append(place.offset)
            return real(place, value)

        monkeypatch.setattr(reading, "rows_of", watched)
        async with stand.sinking(house):
            last = await put(house, producer, hotel, [stand.charged("r2", 2, "1")])
            assert await stand.until(lambda: count(house, "charges", hotel), 2) == 2
    assert seen == [last]


async def test_a_sink_without_partitions_stands_by(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Share.on_partitions_assigned

    async def none(self: Share, assigned: set[TopicPartition]) -> None:
        await real(self, set())

    monkeypatch.setattr(Share, "on_partitions_assigned", none)
    hotel = stand.new_hotel()
    async with stand.producing(house) as producer, stand.sinking(house) as sink:
        await put(house, producer, hotel, [stand.charged("r1", 1, "1")])
        kept_at = sink._kept_at
        assert await stand.until(lambda: sink._kept_at > kept_at, True)
        assert sink.ready() is None
    assert count(house, "charges", hotel) == 0


async def test_a_new_table_is_filled_from_the_log_and_the_others_stay(house: Settings) -> None:
    hotel = stand.new_hotel()
    about: dict[str, Any] = {"property_id": hotel, "at": 1, "actor_id": "admin"}
    known = PropertySettings(name="H", time_zone="UTC", currency="EUR", departments=[])
    gone = Revocation(kind="user", id="ana", before=5_000)
    async with stand.producing(house) as producer, stand.sinking(house):
        for record in (
            SettingsRecord(**about, kind="property", id=hotel, property=known),
            SettingsRecord(**about, kind="revocation", id="user:ana", revocation=gone),
        ):
            key = t.entity_key(hotel, record.kind, record.id)
            await kafka.send(producer, house, t.SETTINGS, hotel, record, key)
        assert await stand.until(lambda: count(house, "revocations", hotel), 1) == 1
    client = stand.client(house)
    client.command("TRUNCATE TABLE revocations")
    migration = next(one for one in load() if one.name.endswith("create_revocations"))
    client.command(migration.statements[-1])
    async with stand.sinking(house):
        assert await stand.until(lambda: count(house, "revocations", hotel), 1) == 1
    assert count(house, "property_settings", hotel) == 1
    row = client.query("SELECT kind, id, toUnixTimestamp64Milli(before) FROM revocations FINAL").result_rows
    assert ("user", "ana", 5_000) in row


async def test_a_log_shorter_than_the_tables_is_refused(house: Settings) -> None:
    stand.client(house).insert(
        "progress", [["rooms", 0, 10**9]], column_names=["topic", "_partition", "next_offset"]
    )
    with pytest.raises(Problem, match="log ends at"):
        await Sink(house, asyncio.Event()).run()


async def test_an_absent_warehouse_is_waited_for(house: Settings) -> None:
    away = house.model_copy(update={"clickhouse_url": "http://127.0.0.1:1"})
    async with stand.sinking(away) as sink:
        assert isinstance(sink, Sink)
        reason = await stand.until(lambda: (sink.ready() or "").startswith("the warehouse is away"), True)
        assert reason is True


async def test_while_the_warehouse_is_away_the_watchdog_has_something_to_say() -> None:
    class Away:
        tries = 0

        def write(self, *_: object) -> None:
            self.tries += 1
            if self.tries == 1:
                raise OSError("away")
            age = watchdog.values("concierge_commit_age_seconds")
            lag = watchdog.values("concierge_lag_records")
            self.words = Watch("sink").look(lag, age, {}, 0)

    class Ahead:
        def highwater(self, _: TopicPartition) -> int:
            return 1

    away = Away()
    sink, stop = Sink(Settings(), asyncio.Event()), asyncio.Event()
    tables, nobody = cast("Warehouse", away), cast("Any", None)
    writer = Writer(Settings(), tables, Share(Settings()), 0, nobody, Patience(stop))
    sink._kept_at -= 90
    sink._written[TopicPartition("rooms", 0)] = 0
    sink._measure(Ahead())
    batch = Batch("rooms", 0)
    batch.add(Place("rooms", 0, 0, 1), [], {})
    assert await sink._write(writer, [batch], [])
    assert ("stalled", "sink/sink") in [(one.kind, one.part) for one in away.words]
    assert watchdog.values("concierge_commit_age_seconds")["sink"] < 1, "it is back"
    metrics.LAG_RECORDS.labels("sink", "rooms").set(0)


async def test_what_the_tables_do_not_hold_is_lag_and_ages(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = Warehouse.write, asyncio.Event()

    def write(self: Warehouse, *what: Any) -> None:
        if away.is_set():
            raise ConnectionError("away")
        real(self, *what)

    def lag() -> float:
        return values("concierge_lag_records")[NAME]

    def age() -> float:
        return values("concierge_commit_age_seconds")[NAME]

    monkeypatch.setattr(Warehouse, "write", write)
    monkeypatch.setattr(loop, "SILENT_SECONDS", 0.5)
    hotel = stand.new_hotel()
    async with stand.producing(house) as producer, stand.sinking(house) as sink:
        assert await stand.until(sink.ready, None) is None
        assert await stand.until(lag, 0) == 0
        generation = sink._share.generation
        away.set()
        await put(house, producer, hotel, [stand.made("r1", 1_000)])
        assert await stand.until(lambda: lag() > 0, True)
        assert await stand.until(lambda: age() > 1, True)
        assert (sink.ready() or "").startswith("the warehouse is away: away")
        away.clear()
        assert await stand.until(lag, 0) == 0
        assert await stand.until(lambda: age() < 1, True)
        assert await stand.until(sink.ready, None) is None
        assert sink._share.generation == generation, "its share stays its own while it waits"
