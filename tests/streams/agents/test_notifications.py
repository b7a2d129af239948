"""The notification agent over a real log: one answer to a fact of another agent, also after a restart."""

from __future__ import annotations

import time

from aiokafka import TopicPartition

from infra import topics as broker_topics
from infra.runtime import kafka as log
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.base import Cause, Why
from schemas.records.notifications import NotificationsAnswer
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
