"""A process says since when Kafka is silent, and takes it back."""

from __future__ import annotations

import asyncio
import datetime
from typing import cast

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError

from infra.runtime.reach import Reach


class Broker:
    """Answers, refuses or hangs, as it is told."""

    def __init__(self) -> None:
        self.does = "answer"

    async def end_offsets(self, _: object) -> dict[object, int]:
        if self.does == "hang":
            await asyncio.Event().wait()
        if self.does == "refuse":
            raise KafkaConnectionError("away")
        return {}


async def test_silence_and_refusal_are_said_until_it_answers() -> None:
    broker, reach = Broker(), Reach()
    asking = asyncio.create_task(reach.run(cast("AIOKafkaConsumer", broker), [], 0.01, 0.05))

    async def until(away: bool) -> None:
        async with asyncio.timeout(20):
            while (reach.reason() is not None) is not away:
                await asyncio.sleep(0.01)

    for wrong in ("hang", "refuse"):
        await until(False)
        before = datetime.datetime.now(datetime.UTC)
        broker.does = wrong
        await until(True)
        assert reach.since is not None
        assert reach.since <= datetime.datetime.now(datetime.UTC)
        assert before - reach.since < datetime.timedelta(seconds=5)
        assert (reach.reason() or "").startswith("Kafka has not answered since 20")
        broker.does = "answer"
    await until(False)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
