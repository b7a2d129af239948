"""Web push through a real log, against a stand-in push service that decrypts what it got."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest
from aiokafka import TopicPartition
from msgspec.structs import replace

from infra import topics as broker_topics
from infra.runtime import kafka as log
from infra.runtime.failpoints import STEPS
from infra.runtime.settings import Settings
from infra.runtime.watchdog import values
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.record import Record
from schemas.records.base import Cause, Why
from schemas.records.notifications import NotificationsAnswer, NotificationsFact, Notified
from schemas.records.operations import DeadLetter, Delivery, SystemAlert
from schemas.records.people import PeopleRecord, PushSubscription
from schemas.records.settings import Revocation, SettingsRecord
from streams.push import Push
from streams.push_service.vapid import Signer
from tests.patience import PATIENCE, until
from tests.standins.push_service import PushService, vapid_key
from tests.streams import dying

HOUR_MS = 3_600_000
R = TypeVar("R", bound=Record)


class House:
    """A hotel with a push process; `tell` writes what the notification agent would."""

    def __init__(self, settings: Settings, service: PushService, producer: Any, signer: Signer) -> None:
        self.settings, self.service, self.producer, self.signer = settings, service, producer, signer
        self.property_id = f"push-{new_id()}"

    async def begin(self, timeout_s: float = PATIENCE) -> None:
        """A push process starts."""
        self.stop = asyncio.Event()
        self.push = Push(self.settings, self.signer, timeout_s)
        self.life = asyncio.create_task(self.push.run(self.stop))
        await self.push.ready.wait()

    async def end(self) -> None:
        """It ends in order."""
        self.stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self.life

    async def write(self, topic: topics.Topic, record: Record, key: bytes | None = None) -> None:
        await log.send(self.producer, self.settings, topic, self.property_id, record, key)

    async def subscribe(self, user_id: str, *orders: object, token_id: str | None = None) -> PushSubscription:
        found = replace(self.service.subscribe(user_id, new_id(), *orders), token_id=token_id)
        key = topics.entity_key(self.property_id, "subscription", found.subscription_id)
        record = PeopleRecord(
            property_id=self.property_id,
            kind="subscription",
            id=found.subscription_id,
            at=int(time.time() * 1000),
            subscription=found,
        )
        await self.write(topics.PEOPLE, record, key)
        await until(lambda: found in self.push._book.of(self.property_id, user_id))
        return found

    async def tell(self, user_id: str, zombie: bool = False, category: str = "request") -> Notified:
        now = int(time.time() * 1000)
        note = Notified(
            notification_id=new_id(),
            user_id=user_id,
            category=category,  # type: ignore[arg-type]  # one of the literals
            title="Your request is done",
            body="towels ✓",
            link=f"request:{new_id()}",
            channels=["bell", "push"],
            expires_at=now + HOUR_MS,
        )
        partition = topics.partition_of(self.property_id, self.settings.partitions)
        consumer = log.reader(self.settings)
        await consumer.start()
        tp = TopicPartition(topics.NOTIFICATIONS.name, partition)
        end = (await consumer.end_offsets([tp]))[tp]
        await consumer.stop()
        answer = NotificationsAnswer(
            event_id=new_id(),
            property_id=self.property_id,
            recorded_at=now,
            actor_id="system",
            actor_role="system",
            causation_id=new_id(),
            cause=Cause(topic="services", partition=partition, offset=0),
            expected=end + 1000 if zombie else end,
            verdict="accepted",
            why=Why(rule="r", sentence="s"),
            facts=[NotificationsFact(fact_id=new_id(), occurred_at=now, notified=note)],
        )
        await self.write(topics.NOTIFICATIONS, answer)
        return note

    async def all_of(self, topic: topics.Topic, record: type[R]) -> list[R]:
        consumer = log.reader(self.settings)
        await consumer.start()
        try:
            partitions = log.partitions_of(self.settings, topic)
            return [
                decode_as(one.value, topic, record)
                async for one in log.read_to_end(consumer, partitions)
                if one.value is not None
            ]
        finally:
            await consumer.stop()

    async def delivery(self, to: PushSubscription) -> Delivery:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for one in await self.all_of(topics.DELIVERIES, Delivery):
                if one.subscription_id == to.subscription_id:
                    return one
        raise AssertionError("no delivery in time")


@pytest.fixture(scope="module")
async def house(kafka: str) -> AsyncIterator[House]:
    private = vapid_key()
    settings = Settings(kafka_url=kafka, push_allow_loopback=True)
    await broker_topics.ensure(settings)
    signer = Signer(private, "mailto:ops@hotel.invalid")
    producer = log.producer(settings)
    await producer.start()
    async with PushService(signer.public_key) as service:
        started = House(settings, service, producer, signer)
        await started.begin()
        yield started
        await started.end()
    await producer.stop()


async def test_is_accepted_and_decrypts_to_what_was_told(house: House) -> None:
    to = await house.subscribe("ann")
    note = await house.tell("ann")
    found = await house.delivery(to)
    assert (found.state, found.status, found.notification_id) == ("accepted", 201, note.notification_id)
    browser = house.service.browsers[to.subscription_id]
    assert browser.got[0]["body"] == "towels ✓"
    assert browser.headers[0]["Urgency"] == "normal"
    assert 0 < int(browser.headers[0]["TTL"]) <= 3_600
    assert house.service.faults == []


@pytest.mark.parametrize("status", [404, 410])
async def test_a_gone_subscription_is_pruned(house: House, status: int) -> None:
    user = f"gone-{status}"
    to = await house.subscribe(user, status)
    await house.tell(user)
    found = await house.delivery(to)
    assert (found.state, found.status) == ("pruned", status)
    await until(lambda: house.push._book.of(house.property_id, user) == [])


@pytest.mark.parametrize("status", [400, 413])
async def test_our_own_fault_is_not_repeated(house: House, status: int) -> None:
    to = await house.subscribe(f"fault-{status}", status)
    await house.tell(f"fault-{status}")
    found = await house.delivery(to)
    assert (found.state, found.status) == ("failed", status)
    assert house.service.browsers[to.subscription_id].got == []


async def test_a_refused_key_alarms_and_prunes_nothing_until_a_push_is_taken(house: House) -> None:
    async def said() -> list[tuple[str, bool]]:
        words = await house.all_of(topics.SYSTEM, SystemAlert)
        return [(one.part, one.over) for one in words if one.kind == "push_refused"]

    part = "push/" + house.service.origin.split("/")[2]
    to = await house.subscribe("refused", 403)
    await house.tell("refused")
    assert (await house.delivery(to)).state == "failed"
    assert await said() == [(part, False)]
    assert house.push._book.of(house.property_id, "refused") == [to]
    for user in ("taken", "taken-again"):
        well = await house.subscribe(user)
        await house.tell(user)
        assert (await house.delivery(well)).state == "accepted"
    assert await said() == [(part, False), (part, True)], "once"


async def test_retry_after_is_honoured(house: House) -> None:
    to = await house.subscribe("busy", (429, {"Retry-After": "2"}))
    began = time.monotonic()
    await house.tell("busy")
    assert (await house.delivery(to)).state == "accepted"
    assert time.monotonic() - began >= 2


async def test_a_hanging_service_is_tried_again(house: House) -> None:
    await house.end()
    await house.begin(timeout_s=0.5)
    to = await house.subscribe("slow", asyncio.Event())
    await house.tell("slow")
    assert (await house.delivery(to)).state == "accepted"
    await house.end()
    await house.begin()


async def test_what_is_under_way_is_lag_and_readiness_is_kafkas(house: House) -> None:
    def lag() -> float:
        return values("concierge_lag_records").get("push", 0.0)  # none before the first commit

    await until(lambda: lag() == 0)
    answered = asyncio.Event()
    to = await house.subscribe("waits", answered)
    await house.tell("waits")
    await until(lambda: lag() > 0)
    await until(lambda: values("concierge_commit_age_seconds")["push"] < 10)
    answered.set()
    assert (await house.delivery(to)).state == "accepted"
    await until(lambda: lag() == 0)
    assert values("concierge_batch_records_count")["push"] > 0
    assert house.push.trouble() is None
    house.push._reach.since = 1_700_000_000_000
    assert (house.push.trouble() or "").startswith("Kafka has not answered since")
    await until(lambda: house.push.trouble() is None)


async def test_redirects_are_not_followed(house: House) -> None:
    to = await house.subscribe("moved", (307, {"Location": f"{house.service.origin}/elsewhere"}))
    await house.tell("moved")
    found = await house.delivery(to)
    assert (found.state, found.status, house.service.redirected) == ("failed", 307, 0)


async def test_a_zombies_answer_is_not_pushed(house: House) -> None:
    to = await house.subscribe("dora")
    await house.tell("dora", zombie=True)
    note = await house.tell("dora")
    assert (await house.delivery(to)).notification_id == note.notification_id
    assert len(house.service.browsers[to.subscription_id].got) == 1


@pytest.mark.parametrize(("kind", "own"), [("user", "fay"), ("token", "jti-token")])
async def test_who_is_shut_out_gets_no_push_and_their_subscription_is_deleted(
    house: House, kind: str, own: str
) -> None:
    kept, to = await house.subscribe("gil"), await house.subscribe("fay", token_id=f"jti-{kind}")
    before = int(time.time() * 1000) + 1 if kind == "user" else 1
    gone = Revocation(kind=kind, id=own, before=before)  # type: ignore[arg-type]  # one of the literals
    name = f"{kind}/{own}"
    record = SettingsRecord(
        property_id=house.property_id, kind="revocation", id=name, at=1, actor_id="a", revocation=gone
    )
    key = topics.entity_key(house.property_id, "revocation", name)
    await house.write(topics.SETTINGS, record, key)
    await until(lambda: house.push._book.of(house.property_id, "fay") == [])
    await house.tell("fay")
    await house.tell("gil")
    assert (await house.delivery(kept)).state == "accepted"
    assert house.service.browsers[to.subscription_id].got == []
    dead = topics.entity_key(house.property_id, "subscription", to.subscription_id)
    partitions = log.partitions_of(house.settings, topics.PEOPLE)
    async with log.reader(house.settings) as consumer:
        last = {one.key: one.value async for one in log.read_to_end(consumer, partitions)}
    assert last[dead] is None


async def test_what_cannot_be_read_is_a_dead_letter_and_the_rest_goes_on(house: House) -> None:
    partition = topics.partition_of(house.property_id, house.settings.partitions)
    meta = await house.producer.send_and_wait(
        topics.PEOPLE.name, b"poison", key=b"x/y/z", partition=partition
    )
    to = await house.subscribe("eve")
    await house.tell("eve")
    assert (await house.delivery(to)).state == "accepted"
    dead = await house.all_of(topics.DEAD_LETTERS, DeadLetter)
    assert [one.value for one in dead if (one.offset, one.found_by) == (meta.offset, "push")] == [b"poison"]


@pytest.mark.parametrize("step", STEPS["push"])
async def test_killed_behind_each_step_a_push_comes_at_least_once_and_as_the_same(
    house: House, step: str
) -> None:
    to = await house.subscribe(step)
    with dying.at(f"push.{step}"):
        note = await house.tell(step)
        with pytest.raises(dying.Killed):
            await asyncio.wait_for(house.life, PATIENCE)
    await house.begin()
    assert (await house.delivery(to)).notification_id == note.notification_id
    browser = house.service.browsers[to.subscription_id]
    assert {one["body"] for one in browser.got} == {note.body}
    assert len({one["Topic"] for one in browser.headers}) == 1, "a browser shows one of them"
