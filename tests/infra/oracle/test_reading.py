"""The whole log of some topics, from the session's Kafka."""

from __future__ import annotations

from infra import topics
from infra.oracle.reading import read
from infra.runtime.kafka import producer, send
from infra.runtime.settings import Settings
from schemas.ids import new_id
from schemas.topics import ROOMS_COMMANDS, partition_of
from tests.infra.oracle.logs import command


async def test_every_record_lies_where_it_was_written(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    said = [command(new_id()) for _ in range(3)]
    async with producer(settings) as sender:
        places = [await send(sender, settings, ROOMS_COMMANDS, "h", one) for one in said]
    found = await read(settings, [ROOMS_COMMANDS])
    partition = partition_of("h", settings.partitions)
    last = found.of("rooms.commands")[partition][-3:]
    assert [one.offset for one in last] == [one.offset for one in places]
    assert found.ends["rooms.commands", partition] == places[-1].offset + 1
