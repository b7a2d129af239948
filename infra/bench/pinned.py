"""A core for what is measured and another one for all else, where the system lets us choose."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiokafka import AIOKafkaProducer

from infra.bench import alone
from infra.bench.alone import Alone
from infra.runtime import kafka

Stage = tuple[Alone, AIOKafkaProducer, int | None]


@contextmanager
def apart() -> Iterator[int | None]:
    """The core for whoever is measured (None: any); this process and what it starts run on another one."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(mine)})
    try:
        yield min(mine)
    finally:
        os.sched_setaffinity(0, mine)


@asynccontextmanager
async def stage(home: Path) -> AsyncIterator[Stage]:
    """Kafka in `home`, an empty folder, a producer that waits for nothing, and the core as `apart` has it."""
    with apart() as core:
        async with alone.kafka(home) as stand, kafka.producer(stand.settings, linger_ms=0) as producer:
            yield stand, producer, core
