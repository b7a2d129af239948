"""The gateway's one way to the log: one record, its hotel's partition, acks=all, an honest outcome."""

from __future__ import annotations

import asyncio

from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from gateway.errors import Refused, kafka_away, outcome_unknown
from gateway.state import State
from infra.runtime import kafka
from schemas.codec import encode
from schemas.record import Record
from schemas.topics import Topic

# A person waits no longer; the send itself may still succeed, hence the outcome is then unknown.
SEND_SECONDS = 2.5


async def write(
    live: State, topic: Topic, property_id: str, record: Record | None, key: bytes | None = None
) -> RecordMetadata:
    """Where the record lies now. Refused 400 (does not fit), 503 log_unavailable (not sent) or unknown."""
    if record is not None:
        try:
            encode(record)
        except (ValueError, OverflowError, TypeError) as error:
            raise Refused(
                400, "invalid", "A value does not fit: too large, too precise or not text."
            ) from error
    if live.tail.stale_since is not None:
        raise kafka_away()
    sending = asyncio.ensure_future(kafka.send(live.producer, live.settings, topic, property_id, record, key))
    try:
        return await asyncio.wait_for(asyncio.shield(sending), SEND_SECONDS)
    except (TimeoutError, KafkaError) as error:
        sending.add_done_callback(_settled)
        raise outcome_unknown() from error


def _settled(sending: asyncio.Future[RecordMetadata]) -> None:
    """Whatever became of it: the sender was told `unknown`; a late failure is no news to anybody."""
    if not sending.cancelled():
        sending.exception()
