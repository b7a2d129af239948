"""What is older than the ring, read again from the log: the same events, re-made from the same records."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from operator import attrgetter

import structlog
from aiokafka import ConsumerRecord, TopicPartition

from gateway import events
from gateway.blocks import Block, Blocks
from gateway.claims import Claims
from gateway.cursor import LIVE_TOPICS, Vector, moved
from gateway.events import Said
from gateway.hub import made_events
from gateway.readmodel.model import ReadModel
from gateway.ring import Event
from gateway.turns import Turns
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode
from schemas.facts import counts
from schemas.record import Record
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent
from schemas.records.folds import FoldHeader
from schemas.records.operations import SystemAlert
from schemas.topics import Topic, partition_of

log = structlog.get_logger()

# Looked at in one go, about 5 ms: what happens now does not wait for what is long ago.
STEP_RECORDS = 50


class History:
    """Reads a hotel's past events from Kafka."""

    def __init__(self, settings: Settings, model: ReadModel) -> None:
        self._settings = settings
        self._model = model
        self._blocks = Blocks(settings)
        self._turns = Turns()

    async def since(
        self, claims: Claims, property_id: str, vector: Vector, upto: Vector, channels: frozenset[str]
    ) -> tuple[list[tuple[Event, Vector]], Vector]:
        """(the next events of these channels, each with the vector after it; the vector after all of them).

        They lie from `vector` on and before `upto`, topic after topic, and have no cursors yet. `claims`: for
        whom; each person waits for one block at a time. Forgotten where the log begins after the vector.
        """
        index = next(index for index, place in enumerate(vector) if place < upto[index])
        tp = TopicPartition(LIVE_TOPICS[index].name, partition_of(property_id, self._settings.partitions))
        async with self._turns.own(claims):
            block = await self._blocks.at(tp, vector[index][0])
        await asyncio.sleep(0)
        found: list[tuple[Event, Vector]] = []
        first = bisect_left(block.records, vector[index][0], key=attrgetter("offset"))
        for record in block.records[first : first + STEP_RECORDS]:
            for one in self._made(block, property_id, index, record):
                if vector[index] <= one.place < upto[index] and one.channel in channels:
                    found.append((one, moved(vector, index, (record.offset, one.place[1] + 1))))
        last = first + STEP_RECORDS
        end = block.records[last].offset if last < len(block.records) else block.end
        return found, moved(vector, index, min((end, 0), upto[index]))

    async def stop(self) -> None:
        """Leaves the log."""
        await self._blocks.stop()

    def _made(self, block: Block, property_id: str, index: int, record: ConsumerRecord) -> list[Event]:
        key = property_id, record.offset
        made = block.made.get(key)
        if made is None:
            try:
                told = self._told(property_id, LIVE_TOPICS[index], record)
            except Exception as error:  # the tail left it out, too, and kept it as a dead letter
                log.exception("not told again", topic=record.topic, offset=record.offset, reason=repr(error))
                told = []
            made = made_events(index, record.offset, record.timestamp, told)
            if made:  # else each hotel that is read would keep an entry for each record of all others
                block.made[key] = made
        return made

    def _told(self, property_id: str, topic: Topic, found: ConsumerRecord) -> list[Said]:
        # The hotel stands in its records as it is: those of others need not be decoded.
        if found.value is None or property_id.encode() not in found.value:
            return []
        try:
            record = decode(found.value, topic)
        except Undecodable:
            return []  # the tail that saw it first kept it as a dead letter
        hotel = self._model.hotel(property_id)
        if hotel is None or getattr(record, "property_id", None) != property_id:
            return []
        return told_again(self._model, record, topic, found.offset, found.timestamp)


def told_again(model: ReadModel, record: Record, topic: Topic, offset: int, at: int) -> list[Said]:
    """What a record became, without applying it once more."""
    match record:
        case AnswerHeader():
            hotel = model.of(record.property_id)
            return events.of_answer(hotel, record, offset, apply=False) if counts(record, offset) else []
        case ChatEvent():
            hotel = model.of(record.property_id)
            return [] if offset in hotel.chat_silent else events.of_chat(hotel, record, at)
        case FoldHeader():
            return events.of_fold(record, topic.name, offset)
        case SystemAlert():
            return events.of_system(record)
        case _:
            return []
