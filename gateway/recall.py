"""What the gateway no longer has in memory, found on the log: old answers, old messages, old ids of chats."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncIterator, Sequence

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from gateway.claims import Claims
from gateway.turns import Turns
from infra.runtime.kafka import read_to_end, reader
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import Undecodable, decode, decode_as
from schemas.facts import counts
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent
from schemas.topics import Topic, partition_of

log = structlog.get_logger()

# A first attempt is this young; anything older may be a repetition.
YOUNG_MS = 5_000
# Clients' clocks go wrong by minutes; the log's own time is the broker's.
SKEW_MS = 5 * 60_000
LOOK_SECONDS = 3.0


def made_at(own_id: str) -> int | None:
    """When a UUIDv7 was made, ms since 1970; None for any other id."""
    try:
        found = uuid.UUID(own_id)
    except ValueError:
        return None
    return found.int >> 80 if found.version == 7 and str(found) == own_id.lower() else None


Placed = tuple[ChatEvent, int]


class Recall:
    """Looks on the log for a person (`claims`), for at most 3 s at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = Turns()

    async def answer(
        self, claims: Claims, property_id: str, facts: Topic, command_id: str, now: int
    ) -> AnswerHeader | None:
        """The answer that counts, looked for from the id's own time on for at most 3 s.

        None: there is none, the id is young or says no time, or the log was too slow to tell.
        """
        since = made_at(command_id)
        if since is None or now - since < YOUNG_MS:
            return None
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._turns.of(claims):
                return await self._look(property_id, facts, command_id, max(0, since - SKEW_MS))
        except (KafkaError, TimeoutError) as error:
            log.warning("an old answer could not be looked for", error=repr(error))
            return None

    async def said(self, claims: Claims, property_id: str, event_id: str, since: int) -> bool:
        """Whether `chats` has this event, looked for from `since` (ms) on. False where it took too long."""
        mark = event_id.encode()
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._turns.of(claims):
                async for record in self._since(property_id, topics.CHATS, since):
                    if record.value is not None and mark in record.value:
                        found = _chat(record)
                        if found is not None and (found.property_id, found.event_id) == (
                            property_id, event_id,
                        ):  # fmt: skip
                            return True
        except (KafkaError, TimeoutError) as error:
            log.warning("an old message could not be looked for", error=repr(error))
        return False

    async def messages(self, claims: Claims, property_id: str, offsets: Sequence[int]) -> list[Placed]:
        """The chat events at these ascending offsets with their broker times (ms).

        What the log has let go is left out. KafkaError or TimeoutError where the log does not answer in time.
        """
        tp = TopicPartition(topics.CHATS.name, partition_of(property_id, self._settings.partitions))
        left, found = deque(offsets), list[Placed]()
        async with (
            asyncio.timeout(LOOK_SECONDS),
            self._turns.of(claims),
            reader(self._settings, fetch_max_wait_ms=50) as consumer,
        ):
            consumer.assign([tp])
            begin = (await consumer.beginning_offsets([tp]))[tp]
            while left:
                consumer.seek(tp, max(begin, left[0]))
                for record in (await consumer.getmany(tp, timeout_ms=200, max_records=500)).get(tp, []):
                    while left and left[0] < record.offset:
                        left.popleft()
                    if left and left[0] == record.offset:
                        left.popleft()
                        event = _chat(record)
                        if event is not None and event.property_id == property_id:
                            found.append((event, record.timestamp))
        return found

    async def _since(self, property_id: str, topic: Topic, since: int) -> AsyncIterator[ConsumerRecord]:
        tp = TopicPartition(topic.name, partition_of(property_id, self._settings.partitions))
        async with reader(self._settings, fetch_max_wait_ms=50) as consumer:
            consumer.assign([tp])  # else aiokafka learns of the topic 0.1 s after it was first asked
            start = (await consumer.offsets_for_times({tp: since}))[tp]
            if start is not None:
                async for record in read_to_end(consumer, [tp], {tp: start.offset}):
                    yield record

    async def _look(self, property_id: str, facts: Topic, command_id: str, since: int) -> AnswerHeader | None:
        # The id stands in the record as it is: most records need not be decoded.
        mark = command_id.encode()
        async for record in self._since(property_id, facts, since):
            if record.value is None or mark not in record.value:
                continue
            try:
                found = decode(record.value, facts)
            except Undecodable:
                continue
            if (
                isinstance(found, AnswerHeader)
                and (found.property_id, found.causation_id) == (property_id, command_id)
                and counts(found, record.offset)
            ):
                return found
        return None


def _chat(record: ConsumerRecord) -> ChatEvent | None:
    try:
        return decode_as(record.value, topics.CHATS, ChatEvent)
    except Undecodable:
        return None
