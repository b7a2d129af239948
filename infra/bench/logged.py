"""What the log itself says, for whoever holds histories against it."""

from __future__ import annotations

from infra.bench.alone import Alone
from infra.runtime import kafka
from schemas import topics
from schemas.codec import decode_as
from schemas.records.chats import ChatEvent


async def chats(stand: Alone, house: str) -> dict[str, list[str]]:
    """Of each chat what was said in it, in the log's order: of one event the first place counts."""
    found: dict[str, list[str]] = {}
    known: set[str] = set()
    async with kafka.reader(stand.settings) as reader:
        places = kafka.partitions_of(stand.settings, topics.CHATS)
        async for record in kafka.read_to_end(reader, places):
            if record.key != house.encode():
                continue
            event = decode_as(record.value, topics.CHATS, ChatEvent)
            if event.message_sent is not None and event.event_id not in known:
                known.add(event.event_id)
                found.setdefault(event.thread_id, []).append(event.message_sent.text)
    return found
