"""The consumers by which a gateway follows the log: what people wait for does not wait behind the rest.

For each fetch aiokafka looks at every partition that its consumer has: all 84 of one consumer cost 1.3 ms of
CPU a fetch, 12 cost 0.25 ms, and when little is said a fetch is a record [2 cores, 6 partitions a topic].
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.cursor import LIVE_TOPICS
from infra.runtime.kafka import partitions_of, reader
from infra.runtime.settings import Settings
from schemas import topics

# What people wait for; each of these has a consumer of its own.
AWAITED = (
    topics.CHATS, topics.SIGNALS, topics.ROOMS, topics.SERVICES, topics.STAFF, topics.ALERTS,
    topics.NOTIFICATIONS,
)  # fmt: skip
FOLLOWED = (topics.PEOPLE, topics.SETTINGS, topics.SLO, *LIVE_TOPICS)
REST = tuple(topic for topic in FOLLOWED if topic not in AWAITED)
GROUPS = (*[(topic,) for topic in AWAITED], REST)
# The broker answers a fetch as soon as it has a record; where it has none, so much later.
REST_MS = 5_000

Batches = Mapping[TopicPartition, Sequence[ConsumerRecord]]


class Readers:
    """One consumer for each of GROUPS."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Nothing is asked of these that would wait behind a fetch, and none is assigned anything later, for
        # which aiokafka would look five times a second.
        idle = {"fetch_max_wait_ms": REST_MS, "consumer_timeout_ms": REST_MS}
        self.each = tuple(reader(settings, **idle) for _ in GROUPS)
        # Where each has told up to, and when it last looked at the log (monotonic).
        self._told: dict[TopicPartition, int] = {}
        self._turned = dict.fromkeys(self.each, time.monotonic())

    async def start(self) -> None:
        """Connects them. KafkaError where that fails."""
        await asyncio.gather(*[one.start() for one in self.each])

    async def stop(self) -> None:
        """Closes them."""
        await asyncio.gather(*[one.stop() for one in self.each])

    def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """From these places on each reads the topics of its group."""
        for own, consumer in zip(GROUPS, self.each, strict=True):
            places = partitions_of(self._settings, *own)
            consumer.assign(places)
            for tp in places:
                consumer.seek(tp, positions[tp])
        self._turned = dict.fromkeys(self.each, time.monotonic())

    def told(self, consumer: AIOKafkaConsumer, batches: Batches) -> None:
        """It has looked at the log, and these records have been told."""
        self._told.update({tp: records[-1].offset + 1 for tp, records in batches.items()})
        self._turned[consumer] = time.monotonic()

    def turned(self) -> float:
        """When the one that has waited longest last looked at the log (monotonic)."""
        return min(self._turned.values())

    def behind(self) -> Iterator[tuple[str, int]]:
        """(topic, records that are not told yet) of each partition that had any."""
        for consumer in self.each:
            for tp in consumer.assignment() & self._told.keys():
                yield tp.topic, (consumer.highwater(tp) or 0) - self._told[tp]
