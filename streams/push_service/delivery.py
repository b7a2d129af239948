"""One notification to one browser until it is accepted, refused for good, or worth nothing any more."""

from __future__ import annotations

import asyncio
import random
import time

import structlog
from aiokafka import AIOKafkaProducer

from infra.runtime import failpoints, metrics, watchdog
from infra.runtime.kafka import send
from infra.runtime.settings import Settings
from schemas import topics
from schemas.ids import derived_id
from schemas.records.notifications import Notified
from schemas.records.operations import Delivery, DeliveryState
from schemas.records.people import PushSubscription
from streams.push_service.sender import Result, Sender
from streams.rules.push import ttl
from streams.rules.retry import pause

log = structlog.get_logger()


class Deliverer:
    """Attempts, pauses, records what became of it. At least once: `Topic` collapses repeats."""

    def __init__(
        self, settings: Settings, sender: Sender, producer: AIOKafkaProducer, quiet: watchdog.Quiet
    ) -> None:
        self._settings = settings
        self._sender = sender
        self._producer = producer
        self._quiet = quiet

    async def deliver(self, property_id: str, at: int, note: Notified, to: PushSubscription) -> None:
        """`at`: when the notified thing happened (ms). Raises KafkaError only."""
        attempt = 0
        last = Result("again", 0, "no time was left for it")
        while (left := ttl(note, _now(), at)) > 0:
            attempt += 1
            failpoints.passed("push", "push_sent")
            last = await self._sender.attempt(to, note, left)
            failpoints.passed("push", "push_answered")
            if last.meaning not in ("again", "wait"):
                break
            wait = pause(attempt, random.random(), last.after_s)
            if wait >= left:
                break
            metrics.PUSHES.labels("retried").inc()
            await asyncio.sleep(wait)
        await self._settle(property_id, note, to, last)

    async def _settle(self, property_id: str, note: Notified, to: PushSubscription, last: Result) -> None:
        state: DeliveryState = "failed"
        host = to.endpoint.split("/")[2]
        if last.meaning == "accepted":
            state = "accepted"
            over = watchdog.push_taken(host)
            if self._quiet.stands(over):
                self._quiet.forget(over)
                await watchdog.say(self._producer, self._settings, over)
        elif last.meaning == "gone":
            state = "pruned"
            key = topics.entity_key(property_id, "subscription", to.subscription_id)
            await send(self._producer, self._settings, topics.PEOPLE, property_id, None, key=key)
        elif last.meaning == "key_refused":
            word = watchdog.push_refused(host, last.status)
            if self._quiet.may(word, time.monotonic()):
                await watchdog.say(self._producer, self._settings, word)
        metrics.PUSHES.labels(state).inc()
        log.info("push", state=state, status=last.status, notification_id=note.notification_id)
        record = Delivery(
            event_id=derived_id(note.notification_id, to.subscription_id, state),
            property_id=property_id,
            notification_id=note.notification_id,
            user_id=note.user_id,
            subscription_id=to.subscription_id,
            state=state,
            status=last.status,
            detail=last.detail,
            at=_now(),
        )
        await send(self._producer, self._settings, topics.DELIVERIES, property_id, record)
        failpoints.passed("push", "delivery_acknowledged")


def _now() -> int:
    return int(time.time() * 1000)
