"""The notification agent over a real log: one answer to a fact of another agent, also after a restart, and
what it knows of those who stay."""

from __future__ import annotations

import time
from typing import Any

from aiokafka import TopicPartition

from infra import topics as broker_topics
from infra.runtime import kafka as log
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.alerts import AlertsAnswer, AlertsFact, Announced
from schemas.records.base import Cause, Why
from schemas.records.notifications import NotificationsAnswer
from schemas.records.people import PeopleRecord, Person
from schemas.records.rooms import CheckedIn, CheckedOut, RoomsAnswer, RoomsFact
from schemas.records.services import ServiceAssigned, ServicesAnswer, ServicesFact
from streams.agents.contexts import Contexts
from streams.agents.decider import Decider
from streams.agents.notifications import AGENT


async def test_an_assignment_is_told_once_also_after_a_restart(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    producer, reader = log.producer(settings), log.reader(settings)
    await producer.start()
    await reader.start()
    property_id = f"notify-{new_id()}"
    partition = topics.partition_of(property_id, settings.partitions)
    services = TopicPartition(topics.SERVICES.name, partition)
    assigned = ServiceAssigned(request_id=new_id(), staff_id="sam")
    answer = ServicesAnswer(
        event_id=new_id(),
        property_id=property_id,
        recorded_at=1,
        actor_id="a",
        actor_role="staff",
        causation_id=new_id(),
        cause=Cause(topic="services.commands", partition=partition, offset=0),
        expected=(await reader.end_offsets([services]))[services],
        verdict="accepted",
        why=Why(rule="r", sentence="s"),
        facts=[ServicesFact(fact_id=new_id(), occurred_at=1, assigned=assigned)],
    )

    async def mine() -> list[NotificationsAnswer]:
        wanted = [TopicPartition(topics.NOTIFICATIONS.name, partition)]
        found = [
            decode_as(one.value, topics.NOTIFICATIONS, NotificationsAnswer)
            async for one in log.read_to_end(reader, wanted)
        ]
        return [one for one in found if one.property_id == property_id]

    for _ in range(2):
        contexts = Contexts(settings, [AGENT], producer)
        decider = Decider(AGENT, settings, contexts, producer, producer)
        await contexts.own([partition])
        await decider.recover([partition])
        if not await mine():
            await log.send(producer, settings, topics.SERVICES, property_id, answer)
        deadline = time.monotonic() + 20
        while not (found := await mine()):
            assert time.monotonic() < deadline, "no answer in time"
        await decider.stop()
        await contexts.stop()
    await reader.stop()
    await producer.stop()
    (one,) = found
    assert one.causation_id == answer.event_id
    assert one.facts[0].notified is not None
    assert one.facts[0].notified.user_id == "sam"


async def test_an_announcement_is_for_the_guests_whose_stay_is_on(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    property_id = f"notify-{new_id()}"
    partition = topics.partition_of(property_id, settings.partitions)
    async with log.producer(settings) as producer, log.reader(settings) as reader:

        async def end(topic: topics.Topic) -> int:
            place = TopicPartition(topic.name, partition)
            found = await reader.end_offsets([place])
            return int(found[place])

        async def put(topic: topics.Topic, answer: Any, *facts: Any) -> str:
            made = answer(
                event_id=new_id(),
                property_id=property_id,
                recorded_at=1,
                actor_id="a",
                actor_role="system",
                causation_id=new_id(),
                cause=Cause(topic="t", partition=partition, offset=0),
                expected=await end(topic),
                verdict="accepted",
                why=Why(rule="r", sentence="s"),
                facts=list(facts),
            )
            await log.send(producer, settings, topic, property_id, made)
            return str(made.event_id)

        for name in ("here", "gone"):
            who = Person(user_id=name, role="guest", name=name)
            record = PeopleRecord(property_id=property_id, kind="person", id=name, at=1, person=who)
            key = topics.entity_key(property_id, "person", name)
            await log.send(producer, settings, topics.PEOPLE, property_id, record, key)
            came = CheckedIn(reservation_id=name, room_id="101", guest_id=name)
            await put(topics.ROOMS, RoomsAnswer, RoomsFact(fact_id=new_id(), occurred_at=1, checked_in=came))
        went = CheckedOut(reservation_id="gone")
        await put(topics.ROOMS, RoomsAnswer, RoomsFact(fact_id=new_id(), occurred_at=2, checked_out=went))

        contexts = Contexts(settings, [AGENT], producer)
        decider = Decider(AGENT, settings, contexts, producer, producer)
        await contexts.own([partition])
        await decider.recover([partition])
        word = Announced(announcement_id="x", audience="house", title="Pool", body="open", until=9)
        cause = await put(
            topics.ALERTS, AlertsAnswer, AlertsFact(fact_id=new_id(), occurred_at=3, announced=word)
        )
        deadline = time.monotonic() + 20
        found: list[NotificationsAnswer] = []
        while not found:
            assert time.monotonic() < deadline, "no answer in time"
            wanted = [TopicPartition(topics.NOTIFICATIONS.name, partition)]
            answers = [
                decode_as(one.value, topics.NOTIFICATIONS, NotificationsAnswer)
                async for one in log.read_to_end(reader, wanted)
            ]
            found = [one for one in answers if one.causation_id == cause]
        await decider.stop()
        await contexts.stop()
    assert [one.notified.user_id for one in found[0].facts if one.notified] == ["here"]
    assert found[0].why.context["rooms"] >= 3
