"""What is older than the ring, read again from the log: the same events, re-made from the same records."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from aiokafka import ConsumerRecord, TopicPartition

from gateway import events
from gateway.claims import Claims
from gateway.cursor import LIVE_TOPICS, Cursors, Vector, moved
from gateway.events import Said
from gateway.hub import made_events
from gateway.readmodel.model import ReadModel
from gateway.ring import Event
from gateway.turns import Turns
from infra.runtime.kafka import reader
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode
from schemas.facts import counts
from schemas.record import Record
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent
from schemas.records.folds import FoldHeader
from schemas.records.operations import SystemAlert
from schemas.topics import Topic, partition_of

Step = tuple[list[Event], Vector]
# Given out at once, and so written at once: as much as a client may have unsent.
PIECE_BYTES = 32 * 1024


class Forgotten(Exception):
    """The log no longer reaches back to this cursor, or is another log: a snapshot has to do."""


class History:
    """Reads a hotel's past events from Kafka."""

    def __init__(self, settings: Settings, model: ReadModel, cursors: Cursors) -> None:
        self._settings = settings
        self._model = model
        self._cursors = cursors
        self._turns = Turns()

    async def read(
        self, claims: Claims, property_id: str, vector: Vector, upto: Vector, channels: frozenset[str]
    ) -> AsyncGenerator[Step, None]:
        """(events of these channels, the vector after them) from `vector` to `upto`, topic after topic.

        At most PIECE_BYTES and an event more at once.

        `claims`: for whom. Forgotten where the log begins after the vector.
        """
        partition = partition_of(property_id, self._settings.partitions)
        behind = {
            index: TopicPartition(topic.name, partition)
            for index, topic in enumerate(LIVE_TOPICS)
            if vector[index] < upto[index]
        }
        async with self._turns.of(claims), reader(self._settings, fetch_max_wait_ms=50) as consumer:
            # All at once: of a topic that is not assigned aiokafka learns 0.1 s after it was first asked.
            consumer.assign([*behind.values()])
            consumer.pause(*behind.values())
            begins = await consumer.beginning_offsets(behind.values())
            for index, tp in behind.items():
                if begins[tp] > vector[index][0]:
                    raise Forgotten(tp.topic)
                consumer.seek(tp, vector[index][0])
                consumer.resume(tp)
                while (at := await consumer.position(tp)) < upto[index][0] or (
                    upto[index][1] > 0 and at == upto[index][0]
                ):
                    piece, size = list[Event](), 0
                    for record in (await consumer.getmany(tp, timeout_ms=200, max_records=200)).get(tp, []):
                        told = self._told(property_id, LIVE_TOPICS[index], record)
                        made = made_events(
                            self._cursors, property_id, vector, index, record.offset, record.timestamp, told
                        )
                        wanted = [
                            one
                            for one in made
                            if vector[index] <= one.place < upto[index] and one.channel in channels
                        ]
                        vector = moved(vector, index, min((record.offset + 1, 0), upto[index]))
                        piece += wanted
                        size += sum(len(one.tail) for one in wanted)
                        if size >= PIECE_BYTES:
                            yield piece, vector
                            piece, size = [], 0
                    yield piece, vector
                consumer.pause(tp)
                vector = moved(vector, index, upto[index])
                yield [], vector

    def _told(self, property_id: str, topic: Topic, found: ConsumerRecord) -> list[Said]:
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
