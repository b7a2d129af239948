"""A way to the warehouse that loses replies: the insert is done, and its sender never hears so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

CHUNK = 65_536
# The query stands at the beginning of the body, behind the headers.
HEAD_BYTES = 8_192


class Proxy:
    """Forwards to a port of this machine. `lose()` is asked at each answer to an insert; `lost` counts them.

    The connection is closed in the place of the answer. A port where nobody listens closes it at once.
    """

    def __init__(self, target: int, lose: Callable[[], bool]) -> None:
        self._target, self._lose = target, lose
        self.lost = 0
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """On this port of 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        writers = [writer]
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            writers.append(back)
            await self._relay(reader, writer, there, back)
        except (OSError, asyncio.CancelledError):  # cancelled, asyncio would report it as an error
            pass
        finally:
            self._open.discard(task)
            for one in writers:
                one.close()

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        head = b""

        async def ask() -> None:
            nonlocal head
            while data := await reader.read(CHUNK):
                head += data[: HEAD_BYTES - len(head)]
                back.write(data)
                await back.drain()

        async def answer() -> None:
            nonlocal head
            while data := await there.read(CHUNK):
                if b"INSERT INTO" in head and self._lose():
                    self.lost += 1
                    return
                head = b""  # what is asked next begins behind an answer
                writer.write(data)
                await writer.drain()

        ways = [asyncio.create_task(ask()), asyncio.create_task(answer())]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
