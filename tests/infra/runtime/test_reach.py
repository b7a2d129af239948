"""A process says since when Kafka is silent, and takes it back."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError

from infra.runtime.reach import Reach
from tests.patience import until


class Broker:
    """Answers, refuses or hangs, as it is told."""

    def __init__(self) -> None:
        self.does = "answer"

    async def end_offsets(self, _: object) -> dict[object, int]:
        if self.does == "hang":
            await asyncio.Event().wait()
        if self.does == "be slower than a process that stands still":
            self.does = "answer"
            asyncio.get_running_loop().call_soon(time.sleep, 0.1)
            await asyncio.sleep(0.06)
        if self.does == "refuse":
            raise KafkaConnectionError("away")
        return {}


async def test_silence_and_refusal_are_said_until_it_answers() -> None:
    broker, reach = Broker(), Reach()
    asking = asyncio.create_task(reach.run(cast("AIOKafkaConsumer", broker), [], 0.01, 0.05))

    began = int(time.time() * 1000)
    for wrong in ("hang", "refuse"):
        await until(lambda: reach.reason() is None)
        broker.does = wrong
        await until(reach.reason)
        assert reach.since is not None
        assert began <= reach.since <= time.time() * 1000
        assert (reach.reason() or "").startswith("Kafka has not answered since 20")
        broker.does = "answer"
    await until(lambda: reach.reason() is None)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_process_that_stood_still_does_not_take_kafka_for_away() -> None:
    broker, reach, said = Broker(), Reach(), list[str | None]()
    asking = asyncio.create_task(reach.run(cast("AIOKafkaConsumer", broker), [], 0.01, 0.05))
    for _ in range(5):
        broker.does = "be slower than a process that stands still"
        while broker.does != "answer":
            said.append(reach.reason())
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0.002)
            said.append(reach.reason())
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert set(said) == {None}
