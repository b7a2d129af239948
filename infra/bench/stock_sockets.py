"""`python -m infra.bench.stock_sockets TOPIC PORT`: the plain FastAPI loop, as its documentation has it.

Each record of a topic goes to each socket by `await ws.send_text`, on uvicorn as it comes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from aiokafka import AIOKafkaConsumer
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from infra.bench.raw import newest

sockets: set[WebSocket] = set()


async def broadcast(consumer: AIOKafkaConsumer) -> None:
    """Until cancelled."""
    async for record in consumer:
        text = record.value.decode()
        for ws in list(sockets):
            await ws.send_text(text)


def app(topic: str) -> FastAPI:
    """One path, `/all`."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with newest(topic) as consumer:
            task = asyncio.create_task(broadcast(consumer))
            yield
            task.cancel()

    found = FastAPI(lifespan=lifespan)

    @found.websocket("/all")
    async def listen(ws: WebSocket) -> None:
        await ws.accept()
        sockets.add(ws)
        with suppress(WebSocketDisconnect):
            await ws.receive_text()
        sockets.discard(ws)

    return found


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
