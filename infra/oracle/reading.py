"""The log as it is: every record of some topics, in the order of each partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from infra.runtime import kafka
from infra.runtime.settings import Settings
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Logged:
    """One record; `at` is its time stamp in ms."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None


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
                log.records[one.topic, one.partition].append(
                    Logged(one.topic, one.partition, one.offset, one.timestamp, one.key, one.value)
                )
    return log
