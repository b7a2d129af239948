"""`python -m infra.bench.stock_socketio TOPIC PORT`: python-socketio as it comes, everybody in one room.

Each record of a topic is emitted to the room, on uvicorn as it comes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import socketio
import uvicorn
from aiokafka import AIOKafkaConsumer
from fastapi import FastAPI

from infra.bench.raw import newest

ROOM = "all"


async def broadcast(consumer: AIOKafkaConsumer, server: Any) -> None:
    """Until cancelled."""
    async for record in consumer:
        await server.emit("message", msgspec.json.decode(record.value), room=ROOM)


def app(topic: str) -> FastAPI:
    """Socket.IO at its usual path."""
    server = socketio.AsyncServer(async_mode="asgi")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with newest(topic) as consumer:
            task = asyncio.create_task(broadcast(consumer, server))
            yield
            task.cancel()

    async def connect(sid: str, _: Any, __: Any) -> None:
        await server.enter_room(sid, ROOM)

    server.on("connect", connect)
    found = FastAPI(lifespan=lifespan)
    found.mount("/socket.io", socketio.ASGIApp(server, socketio_path=None))
    return found


if __name__ == "__main__":
    # Engine.IO pings by itself.
    uvicorn.run(
        app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", ws_ping_interval=None
    )
