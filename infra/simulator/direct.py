"""`--direct`: the same steps as records on the log, past the gateway, for load."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import cast

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from gateway import chat, commands
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.rest import facts
from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator.layout import Hotel
from infra.simulator.step import Actor, Step, absolute
from schemas import topics
from schemas.record import Record
from schemas.records.base import Role
from schemas.records.chats import ChatEvent, MemberJoined, MessageSent
from schemas.topics import Topic

# Records that wait for the broker; idempotent, so their order holds.
UNDER_WAY = 1_000


class Writer:
    """One hotel's people, writing. Use as an async context manager. `outcomes` counts written, refused."""

    def __init__(self, settings: Settings, hotel: Hotel, outcomes: Counter[str]) -> None:
        self._settings = settings
        self._hotel = hotel
        self._outcomes = outcomes
        self._producer: AIOKafkaProducer = kafka.producer(settings, linger_ms=5)
        self._room = asyncio.Semaphore(UNDER_WAY)
        self._sending: set[asyncio.Task[None]] = set()
        self._threads: dict[str, str] = {}
        self._failed: Problem | None = None

    async def __aenter__(self) -> Writer:
        try:
            await self._producer.start()
        except KafkaError as error:
            await self._producer.stop()
            raise Problem(
                f"Kafka at {self._settings.kafka_bootstrap} does not answer: start it with `concierge up`."
            ) from error
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await asyncio.gather(*self._sending)
        await self._producer.stop()
        if self._failed is not None and kind is None:
            raise self._failed

    async def say(self, step: Step) -> None:
        """Hands the step's records to the producer; a refusal by the gateway's rules is counted.

        Problem where Kafka did not take one of the records before.
        """
        if self._failed is not None:
            raise self._failed
        try:
            found = records(step, self._hotel.property_id, int(time.time() * 1000), self._threads)
        except Refused:
            self._outcomes["refused"] += 1
            return
        for topic, record in found:
            await self._room.acquire()
            task = asyncio.create_task(self._send(topic, record))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    async def _send(self, topic: Topic, record: Record) -> None:
        try:
            await kafka.send(self._producer, self._settings, topic, self._hotel.property_id, record)
        except KafkaError as error:
            self._failed = Problem(
                f"Kafka at {self._settings.kafka_bootstrap} did not take a record of {topic.name} "
                f"({error!r}): see `concierge doctor`, then run it again."
            )
        else:
            self._outcomes["written"] += 1

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._room.release()
        self._sending.discard(task)


def records(step: Step, property_id: str, now: int, threads: dict[str, str]) -> list[tuple[Topic, Record]]:
    """What the gateway would write for a step at `now` (ms), by the same rules. Refused.

    `threads`: opening step -> thread id, kept from one call to the next.
    """
    body = absolute(step.body, now)
    if step.command == "rooms.facts":
        said = msgspec.convert(
            {"id": step.id, "property_id": property_id, "topic": "rooms", **body}, facts.Intake
        )
        topic, kind = facts.INTAKE["rooms"]
        good, bad = facts.read(said, kind)
        assert not bad, bad
        return [(topic, one) for one in facts.batches(said, kind, step.actor.user_id, good)]
    claims = _claims(step.actor, property_id, now)
    if step.command.startswith("chat."):
        return [(topics.CHATS, one) for one in _chat(step, claims, now, threads)]
    command = commands.read(claims, property_id, step.id, step.command, body, now)
    return [(command.topic, command.record)]


def _claims(actor: Actor, property_id: str, now: int) -> Claims:
    return Claims(
        user_id=actor.user_id,
        role=cast("Role", actor.role),
        property_id=property_id,
        name=actor.name,
        room_id=actor.room_id,
        reservation_id=actor.reservation_id,
        departments=actor.departments,
        issued_at=now,
        expires_at=now,
        token_id="direct",  # noqa: S106  # nobody's token
    )


def _chat(step: Step, claims: Claims, now: int, threads: dict[str, str]) -> list[ChatEvent]:
    def event(device: str, thread_id: str, **said: Record) -> ChatEvent:
        own = chat.event_id_of(claims.property_id, claims.user_id, device, 0)
        return ChatEvent(
            event_id=own,
            property_id=claims.property_id,
            thread_id=thread_id or own,
            actor_id=claims.user_id,
            actor_role=claims.role,
            device_id=device,
            sequence=0,
            claimed_at=now,
            **said,  # type: ignore[arg-type]  # exactly one of the bodies, by its own name
        )

    if step.command == "chat.open":
        opened = event(step.id, "", thread_opened=chat.opened(claims, msgspec.convert(step.body, chat.Open)))
        threads[step.id] = opened.thread_id
        return [opened]
    thread = threads[step.body["thread_id"]]
    message = event(step.id, thread, message_sent=MessageSent(text=step.body["text"]))
    if claims.role == "guest":
        return [message]
    joined = event(f"join:{thread}", thread, member_joined=MemberJoined(user_id=claims.user_id))
    return [joined, message]
