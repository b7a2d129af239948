"""The log as it is: every record of some topics, in the order of each partition."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from infra.runtime import kafka
from infra.runtime.settings import Settings
from schemas.codec import Undecodable, decode
from schemas.record import Record
from schemas.topics import BY_NAME, Topic

# 20,000 facts of an import at most: some 40 MB once they are decoded.
SPAN_BYTES = 4 * 1024 * 1024
SPAN_RECORDS = 20_000


@dataclass(slots=True)
class Logged:
    """One record; `at` is its time stamp in ms. It is decoded once, however many look at it."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None
    _found: Record | Undecodable | None = field(default=None, repr=False, compare=False)

    def record(self) -> Record:
        """What it says. Raises Undecodable."""
        if self._found is None:
            try:
                self._found = decode(self.value, BY_NAME[self.topic])
            except Undecodable as problem:
                self._found = problem
        if isinstance(self._found, Undecodable):
            raise self._found
        return self._found

    @property
    def hotel(self) -> str:
        """Whose it is, by its key."""
        return (self.key or b"").split(b"/")[0].decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Span:
    """Records of one topic partition with `first` <= offset < `end`, as far as the log still holds them."""

    topic: str
    partition: int
    first: int
    end: int
    records: Sequence[Logged]

    def before(self, offset: int) -> Span:
        """The part below this offset."""
        records = [one for one in self.records if one.offset < offset]
        return replace(self, end=max(self.first, min(self.end, offset)), records=records)


@dataclass(slots=True)
class Log:
    """Records by (topic, partition), and the end of each: the offset that its next record will have."""

    records: dict[tuple[str, int], list[Logged]] = field(default_factory=dict)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)

    def of(self, topic: str) -> dict[int, list[Logged]]:
        """One topic's records by partition."""
        return {partition: found for (name, partition), found in self.records.items() if name == topic}


async def read(settings: Settings, topics: Sequence[Topic]) -> Log:
    """All that the log holds of these topics as of now. ShortRead where it could not be read to its end."""
    log = Log()
    partitions = kafka.partitions_of(settings, *topics)
    async with kafka.reader(settings) as consumer:
        # Ends first: a record that comes while the log is read belongs to the next reading.
        for tp, end in (await consumer.end_offsets(partitions)).items():
            log.records[tp.topic, tp.partition] = []
            log.ends[tp.topic, tp.partition] = end
        async for one in kafka.read_to_end(consumer, partitions):
            if one.offset < log.ends[one.topic, one.partition]:
                log.records[one.topic, one.partition].append(_logged(one))
    return log


async def spans(consumer: AIOKafkaConsumer, tp: TopicPartition, first: int, end: int) -> AsyncIterator[Span]:
    """The records of one topic partition from `first` to `end`, in spans of at most SPAN_BYTES. ShortRead."""
    records: list[Logged] = []
    size = 0
    async for one in kafka.read_to_end(consumer, [tp], {tp: first}):
        if one.offset >= end:
            break
        records.append(_logged(one))
        size += len(one.value or b"")
        if size >= SPAN_BYTES or len(records) >= SPAN_RECORDS:
            yield Span(tp.topic, tp.partition, first, one.offset + 1, records)
            first, records, size = one.offset + 1, [], 0
    if first < end:
        yield Span(tp.topic, tp.partition, first, end, records)


def _logged(one: ConsumerRecord) -> Logged:
    return Logged(one.topic, one.partition, one.offset, one.timestamp, one.key, one.value)
