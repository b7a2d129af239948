"""`python -m infra.bench.stock nothing|table RECORDS`: Faust as it comes, on the room agent's facts.

`nothing` does nothing with an event; `table` decodes it and counts it in a table, as Faust's own tutorial
does. Prints how many CPU seconds the records took, and ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from infra.runtime.settings import load
from schemas import topics
from schemas.codec import decode_as
from schemas.records.rooms import RoomsAnswer


def main(what: str, wanted: int) -> None:
    """Runs until so many records were taken."""
    import faust

    settings = load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        f"bench-{what}",
        broker=f"kafka://{settings.kafka_bootstrap}",
        consumer_auto_offset_reset="earliest",
        store="memory://",
        datadir=settings.data_dir / what,
        topic_partitions=settings.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        value_serializer="raw",
        key_serializer="raw",
    )
    topic = app.topic(topics.ROOMS.name, value_type=bytes, key_type=bytes)
    table = app.Table("counts", default=int, partitions=settings.partitions) if what == "table" else None

    async def take(stream: Any) -> None:
        done, used = 0, 0.0
        async for value in stream:
            used = used or time.process_time()
            if table is not None:
                table[decode_as(value, topics.ROOMS, RoomsAnswer).property_id] += 1
            done += 1
            if done == wanted:
                print(time.process_time() - used, flush=True)
                os._exit(0)

    app.agent(topic, name="take", concurrency=1)(take)
    asyncio.run(_run(app))


async def _run(app: Any) -> None:
    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
