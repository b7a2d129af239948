"""The sink's process: everything from the log into ClickHouse, exactly once (`streams/sinks/loop.py`)."""

from __future__ import annotations

import asyncio

from infra.runtime import lifecycle, logs, probe, settings
from streams.sinks.loop import Sink
from streams.sinks.reading import NAME


def main() -> None:
    """Runs until SIGTERM. Exits with the error that stopped it."""
    lifecycle.supervised()
    loaded = settings.load()
    logs.setup(NAME, loaded)

    async def serve(stop: asyncio.Event) -> None:
        sink = Sink(loaded, stop)
        async with probe.serve(loaded, sink.ready):
            await sink.run()

    lifecycle.run(serve)


if __name__ == "__main__":
    main()
