"""Contexts over a real log: read to the end, followed, erased by tombstones."""

from __future__ import annotations

import pytest

from infra import topics as broker_topics
from infra.runtime import kafka as shells
from infra.runtime import watchdog
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.operations import DeadLetter
from schemas.records.people import PeopleRecord, Person
from streams.agents import notifications, rooms
from streams.agents.contexts import Contexts
from streams.rules.audience import Audience
from tests.patience import until


async def test_people_are_known_at_once_followed_and_forgotten_by_their_tombstone(shared: str) -> None:
    settings = Settings(kafka_url=shared)
    await broker_topics.ensure(settings)
    hotel = new_id()
    partition = topics.partition_of(hotel, settings.partitions)

    async with shells.producer(settings) as producer:

        async def put(name: str, erased: bool = False) -> None:
            person = Person(user_id=name, role="staff", name=name)
            record = PeopleRecord(property_id=hotel, kind="person", id=name, at=1, person=person)
            key = topics.entity_key(hotel, "person", name)
            await shells.send(producer, settings, topics.PEOPLE, hotel, None if erased else record, key)

        await put("ann")
        await put("bob")
        await put("bob", erased=True)
        contexts = Contexts(settings, [notifications.AGENT, rooms.AGENT], producer)
        await contexts.own([partition])
        try:
            audience = contexts.of(notifications.AGENT, hotel)
            assert isinstance(audience, Audience)
            assert set(audience.people) == {"ann"}
            assert contexts.vector(notifications.AGENT, partition)["people"] >= 3
            assert "people" not in contexts.vector(rooms.AGENT, partition), "what it does not follow"
            await producer.send_and_wait(
                topics.PEOPLE.name, b"poison", key=b"x/person/y", partition=partition
            )
            await put("cem")
            await put("ann", erased=True)
            await until(lambda: set(audience.people) == {"cem"})
            assert watchdog.values("concierge_dead_letters_total")["contexts"] >= 1
        finally:
            await contexts.stop()


async def test_a_record_that_a_context_throws_on_is_kept_and_the_next_is_followed(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(kafka_url=shared)
    await broker_topics.ensure(settings)
    hotel = new_id()
    partition = topics.partition_of(hotel, settings.partitions)
    real = Audience.person

    def person(self: Audience, record: PeopleRecord) -> None:
        if record.id == "poison":
            raise ZeroDivisionError("no rule is perfect")
        real(self, record)

    monkeypatch.setattr(Audience, "person", person)
    async with shells.producer(settings) as producer:
        for name in ("poison", "ann"):
            record = PeopleRecord(
                property_id=hotel, kind="person", id=name, at=1,
                person=Person(user_id=name, role="staff", name=name),
            )  # fmt: skip
            key = topics.entity_key(hotel, "person", name)
            await shells.send(producer, settings, topics.PEOPLE, hotel, record, key)
        contexts = Contexts(settings, [notifications.AGENT], producer)
        await contexts.own([partition])
        await contexts.stop()
        audience = contexts.of(notifications.AGENT, hotel)
        assert isinstance(audience, Audience)
        assert set(audience.people) == {"ann"}
        async with shells.reader(settings) as reader:
            wanted = shells.partitions_of(settings, topics.DEAD_LETTERS)
            records = [one async for one in shells.read_to_end(reader, wanted)]
    letters = [decode_as(one.value, topics.DEAD_LETTERS, DeadLetter) for one in records]
    assert [(one.found_by, one.reason) for one in letters if one.property_id == hotel] == [
        ("contexts", "Audience: ZeroDivisionError: no rule is perfect")
    ]
