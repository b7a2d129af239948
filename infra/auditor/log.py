"""The log as the auditor reads it: the fact topics of the hotels it looks at, beside the gateways."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from gateway.readmodel.hotel import Hotel
from infra.auditor.audit import Audit
from infra.auditor.expected import TOPICS, expected
from infra.auditor.hearing import noted, now_ms
from infra.runtime.kafka import partitions_of, reader
from infra.runtime.reach import Reach
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode
from schemas.records.base import AnswerHeader
from schemas.topics import BY_NAME, partition_of

log = structlog.get_logger()
# A fetch waits so long for records at most, and so does what is asked meanwhile: less than `reach` waits.
FETCH_MS = 1_000
ASK_SECONDS = 5.0


class Log:
    """Follows the log from its end on. `read_until`: it is read to its end as of then, ms."""

    def __init__(self, settings: Settings, audit: Audit) -> None:
        self.read_until = 0
        self.reach = Reach()
        self._settings = settings
        self._audit = audit
        self._consumer = reader(settings, fetch_max_wait_ms=FETCH_MS)
        self._places = partitions_of(settings, *TOPICS)
        self._positions: dict[TopicPartition, int] = {}
        self._hotels: dict[str, Hotel] = {}

    async def start(self) -> None:
        """From the end on. KafkaError where the cluster does not answer."""
        await self._consumer.start()
        self._consumer.assign(self._places)
        self._positions = await self._consumer.end_offsets(self._places)
        for tp, end in self._positions.items():
            self._consumer.seek(tp, end)

    async def stop(self) -> None:
        """Leaves."""
        await self._consumer.stop()

    def choose(self, hotels: Iterable[str]) -> None:
        """From here on these hotels' records are read; others are passed over by their key."""
        self._hotels = {own: self._hotels.get(own) or Hotel(own) for own in hotels}

    def floor(self, property_id: str) -> dict[str, int]:
        """By topic, the first offset of the hotel that is not read yet."""
        place = partition_of(property_id, self._settings.partitions)
        return {topic.name: self._positions[TopicPartition(topic.name, place)] for topic in TOPICS}

    async def watch_reach(self) -> None:
        """Asks for ever whether Kafka answers."""
        await self.reach.run(self._consumer, self._places[:1], every_seconds=ASK_SECONDS)

    async def follow(self) -> None:
        """Reads for ever."""
        while True:
            before = now_ms()
            try:
                batches = await self._consumer.getmany(timeout_ms=1000, max_records=500)
            except KafkaError as error:
                log.warning("the log could not be read", error=repr(error))
                continue
            for tp, records in batches.items():
                for record in records:
                    self._take(record)
                self._positions[tp] = records[-1].offset + 1
            if self.reach.since is None and self._at_end(self._consumer):
                self.read_until = before

    def _at_end(self, consumer: AIOKafkaConsumer) -> bool:
        return all((consumer.highwater(tp) or 0) <= at for tp, at in self._positions.items())

    def _take(self, record: ConsumerRecord) -> None:
        hotel = self._hotels.get((record.key or b"").decode(errors="replace"))
        if hotel is None:
            return
        try:
            found = decode(record.value, BY_NAME[record.topic])
        except Undecodable:  # whoever tells it to people makes it a dead letter
            return
        if not isinstance(found, AnswerHeader) or found.property_id != hotel.property_id:
            return
        for channel, said in expected(hotel, found, record.topic, record.offset, record.timestamp):
            noted(self._audit.said(channel, said, now_ms()))
