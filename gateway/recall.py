"""The answer to a command of minutes or days ago, found on the log: agents answer an id once only."""

from __future__ import annotations

import asyncio
import uuid

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from infra.runtime.kafka import read_to_end, reader
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode
from schemas.facts import counts
from schemas.records.base import AnswerHeader
from schemas.topics import Topic, partition_of

log = structlog.get_logger()

# A first attempt is this young; anything older may be a repetition.
YOUNG_MS = 5_000
# Clients' clocks go wrong by minutes; the log's own time is the broker's.
SKEW_MS = 5 * 60_000
LOOK_SECONDS = 3.0
# Readers at once: each holds one fetch (<= 4 MiB) and a connection.
READERS = 2


def made_at(own_id: str) -> int | None:
    """When a UUIDv7 was made, ms since 1970; None for any other id."""
    try:
        found = uuid.UUID(own_id)
    except ValueError:
        return None
    return found.int >> 80 if found.version == 7 and str(found) == own_id.lower() else None


class Recall:
    """Looks for answers on the log."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(READERS)

    async def answer(self, property_id: str, facts: Topic, command_id: str, now: int) -> AnswerHeader | None:
        """The answer that counts, looked for from the id's own time on for at most 3 s.

        None: there is none, the id is young or says no time, or the log was too slow to tell.
        """
        since = made_at(command_id)
        if since is None or now - since < YOUNG_MS:
            return None
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._free:
                return await self._look(property_id, facts, command_id, max(0, since - SKEW_MS))
        except (KafkaError, TimeoutError) as error:
            log.warning("an old answer could not be looked for", error=repr(error))
            return None

    async def _look(self, property_id: str, facts: Topic, command_id: str, since: int) -> AnswerHeader | None:
        tp = TopicPartition(facts.name, partition_of(property_id, self._settings.partitions))
        # The id stands in the record as it is: most records need not be decoded.
        mark = command_id.encode()
        async with reader(self._settings, fetch_max_wait_ms=50) as consumer:
            start = (await consumer.offsets_for_times({tp: since}))[tp]
            if start is None:
                return None
            async for record in read_to_end(consumer, [tp], {tp: start.offset}):
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
