"""The gateway's one way to the log: one record, its hotel's partition, acks=all, an honest outcome."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from gateway.errors import Refused, kafka_away, outcome_unknown
from gateway.state import State
from infra.runtime import failpoints, kafka
from schemas.codec import encode
from schemas.record import Record
from schemas.topics import Topic

log = structlog.get_logger()
# What names a record that is followed through the logs, from here to the screen.
_IDS = ("command_id", "event_id", "batch_id")
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
    failpoints.passed("gateway", "record_sent")
    ids = {name: found for name in _IDS if (found := getattr(record, name, None))}
    try:
        # Not `wait_for`: where the send ends as its sender is cancelled, that one would go on for ever.
        async with asyncio.timeout(SEND_SECONDS):
            place = await asyncio.shield(sending)
    except (TimeoutError, KafkaError) as error:
        sending.add_done_callback(_settled)
        log.warning("unknown", topic=topic.name, property_id=property_id, error=repr(error), **ids)
        raise outcome_unknown() from error
    failpoints.passed("gateway", "record_acknowledged")
    if ids:
        where = {"topic": topic.name, "partition": place.partition, "offset": place.offset}
        log.info("sent", property_id=property_id, **where, **ids)
    return place


def _settled(sending: asyncio.Future[RecordMetadata]) -> None:
    """Whatever became of it: the sender was told `unknown`; a late failure is no news to anybody."""
    if not sending.cancelled():
        sending.exception()
