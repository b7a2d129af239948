"""`python -m infra.bench.stock_bare TOPIC PORT`: the least that a Python server can do, as a ceiling.

Each record of a topic is framed once and its bytes are given to each connection's transport, on uvloop.
"""

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiokafka import AIOKafkaConsumer
from websockets.http11 import Request
from websockets.server import ServerProtocol

from gateway.ring import framed
from infra.bench.raw import newest

lines: set[asyncio.Transport] = set()


class Line(asyncio.Protocol):
    """One WebSocket, which says nothing and is written to."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream's
        """Waits for its handshake."""
        self._transport, self._state = transport, ServerProtocol()

    def data_received(self, data: bytes) -> None:
        """Answers what asks for an answer."""
        self._state.receive_data(data)
        for event in self._state.events_received():
            if isinstance(event, Request):
                self._state.send_response(self._state.accept(event))
                lines.add(self._transport)
        self._transport.write(b"".join(self._state.data_to_send()))

    def connection_lost(self, _: Exception | None) -> None:
        """It is written to no more."""
        lines.discard(self._transport)


async def broadcast(consumer: AIOKafkaConsumer) -> None:
    """Until cancelled."""
    async for record in consumer:
        frame = framed(record.value)
        for line in lines:
            line.write(frame)


async def serve(topic: str, port: int) -> None:
    """Until cancelled."""
    async with newest(topic) as consumer:
        listening = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", port)
        async with listening:
            await broadcast(consumer)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
