"""Does Kafka answer? Asked for an offset every second: silence of the log alone says nothing."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

ASK_EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 3.0


class Reach:
    """`since`: ms, when Kafka last answered, where it does not now; else None."""

    def __init__(self) -> None:
        self.since: int | None = None

    def reason(self) -> str | None:
        """For /readyz: None, or since when this process works on what it had."""
        if self.since is None:
            return None
        since = datetime.datetime.fromtimestamp(self.since / 1000, datetime.UTC)
        return f"Kafka has not answered since {since.isoformat(timespec='seconds')}"

    async def run(
        self,
        consumer: AIOKafkaConsumer,
        asked: Sequence[TopicPartition],
        every_seconds: float = ASK_EVERY_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Asks for ever, `then` each time. `consumer` is a started one; others may read from it meanwhile.

        Where this process stood still meanwhile, the silence was its own: it asks once more first.
        """
        last, slept = _now_ms(), False
        while True:
            began = time.monotonic()
            try:
                async with asyncio.timeout(patience_seconds):
                    await consumer.end_offsets(list(asked))
                last, self.since, slept = _now_ms(), None, False
            except (KafkaError, TimeoutError, OSError):
                slept = not slept and time.monotonic() - began > patience_seconds + every_seconds / 10
                if slept:
                    continue
                self.since = last
            then()
            await asyncio.sleep(every_seconds)


def _now_ms() -> int:
    return int(time.time() * 1000)
