"""Every topic is followed once, and none waits for another group's."""

from __future__ import annotations

import time
from collections import Counter

from gateway.cursor import LIVE_TOPICS
from gateway.readers import GROUPS, Readers
from infra import topics as broker_topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from schemas import topics
from schemas.ids import new_id
from schemas.records.signals import Signal
from tests.patience import patience


def test_every_topic_is_followed_by_one_consumer() -> None:
    followed = Counter(topic.name for own in GROUPS for topic in own)
    more = (topics.PEOPLE, topics.SETTINGS, topics.SIGNALS, topics.SLO)
    wanted = {topic.name for topic in (*LIVE_TOPICS, *more)}
    assert followed == Counter(dict.fromkeys(wanted, 1))


async def test_each_reads_on_from_its_place_and_says_how_far_it_is(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    readers = Readers(settings)
    await readers.start()
    try:
        places = shells.partitions_of(settings, *(topic for own in GROUPS for topic in own))
        async with shells.reader(settings) as asked, shells.producer(settings) as producer, patience():
            ends = await asked.end_offsets(places)
            readers.seek(ends)
            began = readers.turned()
            own, said = "readers" + new_id()[-6:], []
            for at in range(2):
                signal = Signal(property_id=own, gateway_id="g", at=at)
                said.append(await shells.send(producer, settings, topics.SIGNALS, own, signal))
            consumer = readers.each[GROUPS.index((topics.SIGNALS,))]
            heard: list[int] = []
            while len(heard) < len(said):
                found = await consumer.getmany(timeout_ms=1_000, max_records=1)
                own_ones = [
                    one.offset for batch in found.values() for one in batch if one.key == own.encode()
                ]
                if own_ones and not heard:
                    readers.told(consumer, found)
                heard += own_ones
            assert heard == [one.offset for one in said]
            assert dict(readers.behind())[topics.SIGNALS.name] > 0, "the second is not told yet"
            assert readers.turned() == began, "the others have not looked yet"
            for one in readers.each:
                readers.told(one, {})
            assert began < readers.turned() <= time.monotonic()
    finally:
        await readers.stop()
