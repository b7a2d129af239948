"""A producer as bad as they come: facts late and twice, batches twice, clocks wrong, poison between them.

What comes of it must be what comes of a clean import: late facts are applied, repeated ones have no effect,
and poison is a dead letter, every byte of it.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.bench import reference
from infra.bench.bookings import PROPERTY, ROOMS, ZONE
from infra.bench.knives import Say
from infra.importer import hotel
from infra.importer import run as importer
from infra.importer.batches import batches
from infra.importer.spool import Spool
from infra.runtime import kafka
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.codec import encode
from schemas.records.rooms import RoomsFact
from schemas.records.signals import Signal

# As late as a fact may come for the tables to be the same (docs/explanation/failures.md).
LATE_MS = 24 * 3_600_000
TWICE = 0.1
POISON = 0.01
MOST_FACTS = 200
# How wrong the producer's clock is, at most.
SKEW_MS = 3 * 24 * 3_600_000
# A batch comes again within so many others.
AGAIN = 20
INTAKES = (t.ROOMS_INTAKE, t.STAFF_INTAKE, t.SERVICES_INTAKE)
Place = tuple[str, int, int]


def shuffled(facts: Iterable[RoomsFact], dice: random.Random) -> Iterator[RoomsFact]:
    """The facts, each up to a day late of event time, one in ten once more. They come by `occurred_at`."""
    waiting: list[tuple[int, int, RoomsFact]] = []
    number = 0
    for fact in facts:
        while waiting and waiting[0][0] <= fact.occurred_at:
            yield heapq.heappop(waiting)[2]
        for _ in range(2 if dice.random() < TWICE else 1):
            heapq.heappush(waiting, (fact.occurred_at + dice.randrange(LATE_MS), number, fact))
            number += 1
    while waiting:
        yield heapq.heappop(waiting)[2]


def values(facts: Iterable[RoomsFact], dice: random.Random) -> Iterator[bytes]:
    """Batches of any size as bytes, one in ten once more a little later."""
    coming = iter(facts)
    again: list[tuple[int, bytes]] = []
    number = 0
    while part := list(islice(coming, dice.randint(1, MOST_FACTS))):
        for _, value in batches(part, PROPERTY, importer.ACTOR):
            yield value
            if dice.random() < TWICE:
                heapq.heappush(again, (number + dice.randint(1, AGAIN), value))
        number += 1
        while again and again[0][0] <= number:
            yield heapq.heappop(again)[1]
    for _, value in sorted(again):
        yield value


def poison(value: bytes, dice: random.Random) -> bytes | None:
    """What no intake topic takes, made of a batch that one does."""
    kind = dice.randrange(7)
    if kind == 0:
        return None
    if kind == 1:
        return b""
    if kind == 2:
        return dice.randbytes(dice.randint(1, 500))
    if kind == 3:  # cut off
        return value[: dice.randrange(5, len(value) - 1)]
    if kind == 4:  # too long
        return value + dice.randbytes(dice.randint(1, 9))
    if kind == 5:  # a schema that nobody published
        return b"\0" + (2**31 - dice.randint(1, 9)).to_bytes(4) + value[5:]
    return encode(Signal(property_id=PROPERTY, gateway_id="g", at=1))  # a record of another topic


class Hostile:
    """One import of a file. `figures` after `run`, once all of the log is answered and written."""

    def __init__(self, settings: Settings, file: Path, seed: int) -> None:
        self._settings, self._file = settings, file
        self._dice = random.Random(seed)
        self._partition = t.partition_of(PROPERTY, settings.partitions)
        self._poison: list[Place] = []
        self._batches = 0
        self._facts = 0

    async def run(self) -> None:
        """Until Kafka has all of it. Raises Problem where the file is none."""
        order = importer.Order(self._file, PROPERTY, ROOMS, ZONE)
        with Spool() as spool:
            await asyncio.to_thread(importer.fill, spool, order, lambda *_: None, lambda _: None)
            async with _Sender(self._settings) as sender:
                await sender.furnish()
                coming = values(self._counted(shuffled(spool.news(), self._dice)), self._dice)
                while (value := await asyncio.to_thread(next, coming, None)) is not None:
                    await self._send(sender, value)

    def _counted(self, facts: Iterator[RoomsFact]) -> Iterator[RoomsFact]:
        for fact in facts:
            self._facts += 1
            yield fact

    async def _send(self, sender: _Sender, value: bytes) -> None:
        at = round(time.time() * 1000) + self._dice.randint(-SKEW_MS, SKEW_MS)
        await sender.send(t.ROOMS_INTAKE, self._partition, value, at)
        self._batches += 1
        if self._dice.random() < POISON:
            topic = self._dice.choice(INTAKES)
            away = self._dice.randrange(8) == 0  # a sound batch where its hotel is not at home
            partition = (self._partition + away) % self._settings.partitions
            bad = value if away else poison(value, self._dice)
            topic = t.ROOMS_INTAKE if away else topic
            self._poison.append(await sender.send(topic, partition, bad, at))

    async def figures(self, say: Say) -> dict[str, float]:
        """What came of it. `wrong_figures`: of those that the file's reference says, 0 where it has none."""
        found = await asyncio.to_thread(self._letters)
        for place in sorted(set(self._poison) ^ found):
            say(f"{'no dead letter of' if place in self._poison else 'a dead letter of no poison:'} {place}")
        wrong, looked_at = await asyncio.to_thread(reference.wrong, self._settings, PROPERTY, self._file)
        for one in wrong[:20]:
            say(one)
        return {
            "facts": float(self._facts),
            "batches": float(self._batches),
            "poison": float(len(self._poison)),
            "dead_letters": float(len(found)),
            "figures_compared": float(looked_at),
            "wrong_figures": float(len(wrong)),
        }

    def _letters(self) -> set[Place]:
        """Where the dead letters of the intake topics say that they lay."""
        said = (
            "SELECT topic, topic_partition, topic_offset FROM v_dead_letters WHERE topic IN {t:Array(String)}"
        )
        with reference.reader(self._settings) as client:
            rows = client.query(said, parameters={"t": [one.name for one in INTAKES]}).result_rows
        return {(topic, partition, offset) for topic, partition, offset in rows}


class _Sender:
    """Sends until it is acknowledged, by another producer after an error: what was written then is twice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> _Sender:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._leave()

    async def _leave(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _ready(self) -> AIOKafkaProducer:
        while self._producer is None:
            producer = kafka.producer(self._settings, max_batch_size=1024 * 1024)
            try:
                await producer.start()
                self._producer = producer
            except KafkaError:
                await producer.stop()
                await asyncio.sleep(1)
        return self._producer

    async def furnish(self) -> None:
        """The hotel's settings."""
        await hotel.publish(self._settings, await self._ready(), PROPERTY, ROOMS, ZONE.key)

    async def send(self, topic: t.Topic, partition: int, value: bytes | None, at: int) -> Place:
        """Where it lies. `at`: ms, what the sender's clock says."""
        while True:
            producer = await self._ready()
            try:
                place = await producer.send_and_wait(
                    topic.name, value, key=PROPERTY.encode(), partition=partition, timestamp_ms=at
                )
            except KafkaError:
                await self._leave()
            else:
                return place.topic, place.partition, place.offset
