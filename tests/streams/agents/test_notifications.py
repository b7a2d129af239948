"""The notification agent over a real log: one answer to a fact of another agent, also after a restart, and
what it knows of those who stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

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
from tests.patience import until


@dataclass(frozen=True)
class House:
    """A hotel of its own on the log."""

    settings: Settings
    producer: AIOKafkaProducer
    reader: AIOKafkaConsumer
    property_id: str

    @property
    def partition(self) -> int:
        return topics.partition_of(self.property_id, self.settings.partitions)

    async def put(self, topic: topics.Topic, answer: Any, fact: Any) -> str:
        """Another agent says this; the answer's id."""
        place = TopicPartition(topic.name, self.partition)
        made = answer(
            event_id=new_id(),
            property_id=self.property_id,
            recorded_at=1,
            actor_id="a",
            actor_role="system",
            causation_id=new_id(),
            cause=Cause(topic="t", partition=self.partition, offset=0),
            expected=(await self.reader.end_offsets([place]))[place],
            verdict="accepted",
            why=Why(rule="r", sentence="s"),
            facts=[fact],
        )
        await log.send(self.producer, self.settings, topic, self.property_id, made)
        return str(made.event_id)

    @asynccontextmanager
    async def agent(self) -> AsyncIterator[None]:
        """The agent runs, recovered."""
        contexts = Contexts(self.settings, [AGENT], self.producer)
        decider = Decider(AGENT, self.settings, contexts, self.producer, self.producer)
        await contexts.own([self.partition])
        await decider.recover([self.partition])
        yield
        await decider.stop()
        await contexts.stop()

    async def told(self, cause: str) -> list[NotificationsAnswer]:
        """What it made of one answer, once there is something."""
        wanted = [TopicPartition(topics.NOTIFICATIONS.name, self.partition)]

        async def answers() -> list[NotificationsAnswer]:
            found = [
                decode_as(one.value, topics.NOTIFICATIONS, NotificationsAnswer)
                async for one in log.read_to_end(self.reader, wanted)
            ]
            return [one for one in found if one.causation_id == cause]

        found: list[NotificationsAnswer] = await until(answers)
        return found


@pytest.fixture
async def house(shared: str) -> AsyncIterator[House]:
    settings = Settings(kafka_url=shared)
    await broker_topics.ensure(settings)
    async with log.producer(settings) as producer, log.reader(settings) as reader:
        yield House(settings, producer, reader, f"notify-{new_id()}")


async def test_an_assignment_is_told_once_also_after_a_restart(house: House) -> None:
    assigned = ServiceAssigned(request_id=new_id(), staff_id="sam")
    fact = ServicesFact(fact_id=new_id(), occurred_at=1, assigned=assigned)
    async with house.agent():
        cause = await house.put(topics.SERVICES, ServicesAnswer, fact)
        await house.told(cause)
    async with house.agent():
        # Once it answered a later one, it would have answered this one again.
        other = ServicesFact(fact_id=new_id(), occurred_at=2, assigned=assigned)
        await house.told(await house.put(topics.SERVICES, ServicesAnswer, other))
        (one,) = await house.told(cause)
    assert one.facts[0].notified is not None
    assert one.facts[0].notified.user_id == "sam"


async def test_an_announcement_is_for_the_guests_whose_stay_is_on(house: House) -> None:
    for name in ("here", "gone"):
        who = Person(user_id=name, role="guest", name=name)
        record = PeopleRecord(property_id=house.property_id, kind="person", id=name, at=1, person=who)
        key = topics.entity_key(house.property_id, "person", name)
        await log.send(house.producer, house.settings, topics.PEOPLE, house.property_id, record, key)
        came = CheckedIn(reservation_id=name, room_id="101", guest_id=name)
        fact = RoomsFact(fact_id=new_id(), occurred_at=1, checked_in=came)
        await house.put(topics.ROOMS, RoomsAnswer, fact)
    went = RoomsFact(fact_id=new_id(), occurred_at=2, checked_out=CheckedOut(reservation_id="gone"))
    await house.put(topics.ROOMS, RoomsAnswer, went)
    word = Announced(announcement_id="x", audience="house", title="Pool", body="open", until=9)
    async with house.agent():
        said = AlertsFact(fact_id=new_id(), occurred_at=3, announced=word)
        (one,) = await house.told(await house.put(topics.ALERTS, AlertsAnswer, said))
    assert [fact.notified.user_id for fact in one.facts if fact.notified] == ["here"]
    assert one.why.context["rooms"] >= 3
