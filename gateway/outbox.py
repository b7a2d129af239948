"""What waits to be sent to one Engine.IO client: bounded, and past its writer where that has nothing to do.

The library keeps an unbounded queue for each client and wakes two tasks for every packet it sends.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE, Packet

from gateway.ring import framed
from gateway.wire import Wire

# What the writer takes at once: it shows after each that the client reads, however slowly.
PIECE_CHARS = 16 * 1024


class Outbox(asyncio.Queue[Any]):
    """Engine.IO packets, and None behind the last. `line`: whose they are; `wire`: its WebSocket, if any.

    With `most` characters unsent the client is behind and goes on from the log; below a quarter of it, it is
    written to again.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.line: AsyncSocket | None = None
        self.wire: Wire | None = None
        self._size = self._piece = self._idle = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def direct(self) -> bool:
        """Whether nothing waits and the writer of the WebSocket sleeps: then a write of ours is in order."""
        return self.line is not None and self.line.upgraded and self._idle > 0 and self.empty()

    @property
    def roomy(self) -> bool:
        """Whether there is room for more behind what waits."""
        return self._room.is_set()

    def push(self, packet: bytes) -> bool:
        """Sends a Socket.IO packet; whether there is room for more."""
        if self.direct:
            return self.write(framed(b"4" + packet))
        self.put_nowait(Packet(MESSAGE, packet.decode()))
        return self.roomy

    def write(self, frames: bytes) -> bool:
        """Writes whole frames to the WebSocket, where `direct`; whether there is room for more."""
        assert self.wire is not None
        return self.wire.write_frames(frames)

    async def ready(self) -> None:
        """There is room to write."""
        await self._room.wait()
        if self.wire is not None:
            await self.wire.drained()
        await asyncio.sleep(0)

    def clear(self) -> None:
        """What was not sent stays unsaid."""
        while not self.empty():
            super().get_nowait()

    async def get(self) -> Any:
        """The next packet; begins a piece."""
        self._piece = 0
        self._idle += 1
        if self.line is not None and self.line.last_ping:  # who takes what was before a ping is not dead
            self.line.last_ping = time.time()
        try:
            return await super().get()
        finally:
            self._idle -= 1

    def get_nowait(self) -> Any:
        """The next packet of the piece. QueueEmpty at its end."""
        if self._piece >= PIECE_CHARS:
            raise asyncio.QueueEmpty
        return super().get_nowait()

    def _put(self, item: Any) -> None:
        super()._put(item)
        self._size += _length(item)
        if self._size >= self._most:
            self._room.clear()

    def _get(self) -> Any:
        item = super()._get()
        self._size -= _length(item)
        self._piece += _length(item)
        if self._size < self._most // 4:
            self._room.set()
        return item


def _length(packet: Any) -> int:
    data = None if packet is None else packet.data
    return len(data) if isinstance(data, str) else 1
