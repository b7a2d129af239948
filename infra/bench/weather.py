"""The way of one client to the gateways, and what may happen to it: a TCP proxy with faults.

Each new connection goes to one of the gateways by chance, or to the other where nobody answers.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal

Fault = Literal["reset", "cut", "half_open", "mute_up", "mute_down", "trickle", "offline"]
FAULTS: tuple[Fault, ...] = ("reset", "cut", "half_open", "mute_up", "mute_down", "trickle", "offline")
CHUNK = 65_536
CONNECT_SECONDS = 2.0
UP, DOWN = 0, 1
MUTED: dict[Fault, tuple[int, ...]] = {"half_open": (UP, DOWN), "mute_up": (UP,), "mute_down": (DOWN,)}


class _Connection:
    """Two directions. `muted`: what comes is taken and lost; `slow`: a byte a second; `cut`: half of it."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.muted: set[int] = set()
        self.slow = False
        self.cut = False

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def relay(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: int) -> None:
        while data := await source.read(CHUNK):
            if way in self.muted:
                continue
            if sink.transport.is_closing():  # the other end was aborted meanwhile
                return
            if self.cut:
                sink.write(data[: len(data) // 2])
                await sink.drain()
                return
            while self.slow and data:
                sink.write(data[:1])
                data = data[1:]
                await asyncio.sleep(1.0)
            sink.write(data)
            await sink.drain()


class Line:
    """A client's own way. `port`: where it connects."""

    def __init__(self, gateways: Sequence[int], rng: random.Random) -> None:
        self._gateways, self._rng = gateways, rng
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._offline_until = 0.0
        self.port = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Line]:
        """On a free port of 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def strike(self, fault: Fault, seconds: float) -> None:
        """What is open now is hit; what lasts ends after so many seconds, with the connection."""
        loop, struck = asyncio.get_running_loop(), list(self._open)
        for one in struck:
            if fault == "reset":
                one.abort()
            elif fault == "cut":
                one.cut = True
            elif fault == "trickle":
                one.slow = True
            else:
                one.muted |= set(MUTED.get(fault, ()))
        if fault == "offline":
            self._offline_until = loop.time() + seconds
            for one in struck:
                one.abort()
        elif fault not in ("reset", "cut"):
            await asyncio.sleep(seconds)
            for one in struck:
                one.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = _Connection()
        connection.writers.append(writer)
        self._open.add(connection)
        try:
            if asyncio.get_running_loop().time() < self._offline_until:
                return
            there, back = await self._gateway()
            connection.writers.append(back)
            ways = [
                asyncio.create_task(connection.relay(reader, back, UP)),
                asyncio.create_task(connection.relay(there, writer, DOWN)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):  # cancelled, asyncio would report it as an error
            pass
        finally:
            self._open.discard(connection)
            self._tasks.discard(task)
            connection.abort()

    async def _gateway(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """OSError where none answers."""
        ports = self._rng.sample(self._gateways, len(self._gateways))
        for port in ports[:-1]:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection("127.0.0.1", port)
        return await asyncio.open_connection("127.0.0.1", ports[-1])
