"""Web push: follows `notifications`, and brings what has the channel `push` to the person's browsers.

At least once: an offset is committed when every push below it ended, so a restart repeats what was under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any

import structlog
from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    TopicPartition,
)
from aiokafka.errors import CommitFailedError, IllegalStateError

from infra.runtime import failpoints, kafka, lifecycle, logs, metrics, probe, settings, watchdog
from infra.runtime.problems import Problem
from infra.runtime.reach import Reach
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import Undecodable, decode_as
from schemas.facts import counts
from schemas.records.notifications import NotificationsAnswer, Notified
from schemas.records.people import PeopleRecord
from schemas.records.settings import SettingsRecord
from streams.push_service.book import Book
from streams.push_service.delivery import Deliverer
from streams.push_service.progress import Progress
from streams.push_service.sender import TIMEOUT_S, Sender
from streams.push_service.vapid import Signer

GROUP = "push"
COMMIT_EVERY_S = 1.0
# Records under way at once; each waits for its slowest browser. At the bound nothing more is fetched.
MAX_OPEN = 5_000

log = structlog.get_logger()


class Push(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """One push process. `run(stop)` is its whole life."""

    def __init__(self, config: Settings, signer: Signer, timeout_s: float = TIMEOUT_S) -> None:
        self._settings = config
        self._signer = signer
        self._timeout_s = timeout_s
        self._book = Book()
        self._progress: dict[TopicPartition, Progress] = {}
        self._tasks: dict[asyncio.Task[None], tuple[TopicPartition, Progress, int]] = {}
        self.ready = asyncio.Event()
        self._reach = Reach()
        self._kept = time.monotonic()

    def trouble(self) -> str | None:
        """For /readyz: None, or why nothing is pushed now."""
        return self._reach.reason() if self.ready.is_set() else "subscriptions are still being read"

    async def run(self, stop: asyncio.Event) -> None:
        """Push until `stop` is set. An error of Kafka ends it: the next start goes on from the commit."""
        people = kafka.reader(self._settings, fetch_max_wait_ms=100)
        notes = kafka.reader(self._settings, group_id=GROUP)
        producer = kafka.producer(self._settings)
        async with contextlib.AsyncExitStack() as stack:
            for part in (people, notes, producer):
                await part.start()
                stack.push_async_callback(part.stop)
            sender = await stack.enter_async_context(Sender(self._settings, self._signer, self._timeout_s))
            quiet = watchdog.Quiet()
            deliverer = Deliverer(self._settings, sender, producer, quiet)
            followed = kafka.partitions_of(self._settings, topics.PEOPLE, topics.SETTINGS)
            async for record in kafka.read_to_end(people, followed):
                await self._know(producer, record)
            await self._prune(producer)
            notes.subscribe([topics.NOTIFICATIONS.name], listener=self)
            self.ready.set()
            self._kept = time.monotonic()
            metrics.COMMIT_AGE_SECONDS.labels("push").set_function(lambda: time.monotonic() - self._kept)
            asked = kafka.partitions_of(self._settings, topics.PEOPLE)[:1]
            jobs: list[asyncio.Task[Any]] = [
                asyncio.create_task(self._reach.run(people, asked)),
                asyncio.create_task(self._follow_people(people, producer)),
                asyncio.create_task(self._follow_notes(notes, producer, deliverer)),
                asyncio.create_task(watchdog.watch(producer, self._settings, "push", quiet=quiet)),
                asyncio.create_task(stop.wait()),
            ]
            try:
                done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                for job in done:
                    job.result()
            finally:
                await self._end([*jobs, *self._tasks])
                await self._commit(notes)

    async def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Another process goes on with them, from the commit: what is under way here is left to it."""
        await self._end([task for task, (tp, _, _) in self._tasks.items() if tp in revoked])
        for tp in revoked:
            self._progress.pop(tp, None)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """They begin where the group stands."""

    async def _know(self, producer: AIOKafkaProducer, record: ConsumerRecord) -> bool:
        """Take a record of `people` or `settings`; whether somebody was shut out by it."""
        if record.topic == topics.PEOPLE.name:
            await self._person(producer, record)
            return False
        try:
            found = decode_as(record.value, topics.SETTINGS, SettingsRecord) if record.value else None
        except Undecodable as error:
            await self._dead(producer, record, str(error))
            return False
        if found is None or found.revocation is None:
            return False
        self._book.revoke(found.property_id, found.revocation)
        return True

    async def _prune(self, producer: AIOKafkaProducer) -> None:
        """Subscriptions of who was shut out: deleted, so that who may come back subscribes anew."""
        for property_id, own in self._book.lost():
            self._book.forget(property_id, own)
            key = topics.entity_key(property_id, "subscription", own)
            await kafka.send(producer, self._settings, topics.PEOPLE, property_id, None, key=key)

    async def _person(self, producer: AIOKafkaProducer, record: ConsumerRecord) -> None:
        if record.value is None:
            parts = (record.key or b"").decode(errors="replace").split("/", 2)
            if len(parts) == 3 and parts[1] == "subscription":
                self._book.forget(parts[0], parts[2])
            return
        try:
            self._book.learn(decode_as(record.value, topics.PEOPLE, PeopleRecord))
        except Undecodable as error:
            await self._dead(producer, record, str(error))

    async def _follow_people(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        async for record in consumer:
            if await self._know(producer, record):
                await self._prune(producer)

    async def _follow_notes(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, deliverer: Deliverer
    ) -> None:
        committed_at = time.monotonic()
        while True:
            room = MAX_OPEN - len(self._tasks)
            if room > 0:
                batches = await consumer.getmany(timeout_ms=200, max_records=min(room, 500))
            else:
                batches = {}
                await asyncio.wait(self._tasks, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
            for tp, records in batches.items():
                metrics.BATCH_RECORDS.labels("push").observe(len(records))
                for record in records:
                    await self._take(tp, record, producer, deliverer)
            self._collect()
            if time.monotonic() - committed_at >= COMMIT_EVERY_S:
                committed_at = time.monotonic()
                await self._commit(consumer)
                self._measure(consumer)

    async def _take(
        self, tp: TopicPartition, record: ConsumerRecord, producer: AIOKafkaProducer, deliverer: Deliverer
    ) -> None:
        failpoints.passed("push", "fetched")
        progress = self._progress.setdefault(tp, Progress())
        progress.took(record.offset)
        try:
            answer = decode_as(record.value, topics.NOTIFICATIONS, NotificationsAnswer)
        except Undecodable as error:
            await self._dead(producer, record, str(error))
            progress.done(record.offset)
            return
        wanted: list[tuple[int, Notified]] = []
        if counts(answer, record.offset):
            wanted = [
                (fact.occurred_at, fact.notified)
                for fact in answer.facts
                if fact.notified is not None and "push" in fact.notified.channels
            ]
        pairs = [
            deliverer.deliver(answer.property_id, at, note, to)
            for at, note in wanted
            for to in self._book.of(answer.property_id, note.user_id)
        ]
        if not pairs:
            progress.done(record.offset)
            return
        log.info(
            "pushing",
            property_id=answer.property_id,
            event_id=answer.event_id,
            causation_id=answer.causation_id,
            notification_ids=[note.notification_id for _, note in wanted],
            browsers=len(pairs),
        )
        self._tasks[asyncio.create_task(_all(pairs))] = (tp, progress, record.offset)

    def _collect(self) -> None:
        """Take note of what ended. An error of Kafka goes up: nothing was committed for it."""
        for task in [task for task in self._tasks if task.done()]:
            _, progress, offset = self._tasks.pop(task)
            if not task.cancelled():
                task.result()
                progress.done(offset)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        offsets = {tp: one.committable() for tp, one in self._progress.items()}
        # lost to another process meanwhile: it repeats what is not committed
        with contextlib.suppress(CommitFailedError, IllegalStateError):
            if offsets:
                await consumer.commit(offsets)
                failpoints.passed("push", "offsets_committed")
            self._kept = time.monotonic()

    def _measure(self, consumer: AIOKafkaConsumer) -> None:
        """Records that are not pushed to their end: under way here, or not taken yet."""
        ends = {tp: consumer.highwater(tp) or 0 for tp in self._progress}
        behind = [(tp.topic, ends[tp] - one.committable()) for tp, one in self._progress.items()]
        # Who holds no partition is not behind, and says so.
        metrics.lag("push", [(topics.NOTIFICATIONS.name, 0), *behind])

    async def _dead(self, producer: AIOKafkaProducer, record: ConsumerRecord, reason: str) -> None:
        metrics.DEAD_LETTERS.labels("push").inc()
        await kafka.dead_letter(producer, self._settings, record, reason, "push")


async def _all(deliveries: list[Coroutine[None, None, None]]) -> None:
    await asyncio.gather(*deliveries)


def main() -> None:
    """The push process."""
    lifecycle.supervised()
    config = settings.load()
    logs.setup("push", config)
    if config.push_allow_loopback:
        log.warning("push_allow_loopback", what="pushes also go to http://127.0.0.1: not for production")
    try:
        signer = Signer(config.vapid_private_key.get_secret_value(), config.vapid_subject)
    except ValueError as error:
        raise Problem(f"{error}: mend it, or leave it away, then `concierge up` has one.") from error
    push = Push(config, signer)

    async def life(stop: asyncio.Event) -> None:
        async with probe.serve(config, push.trouble):
            await push.run(stop)

    lifecycle.run(life)


if __name__ == "__main__":
    main()
