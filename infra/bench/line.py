"""One person's socket, as thin as a bench wants it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from infra.runtime import tokens
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings

ANSWER_SECONDS = 15


class Line:
    """Frames out and in after a welcome."""

    def __init__(self, ws: ClientConnection) -> None:
        self._ws = ws

    async def say(self, kind: str, **fields: Any) -> None:
        """Send one frame. ConnectionClosed when the socket is gone."""
        await self._ws.send(json.dumps({"t": kind, **fields}))

    async def frame(self) -> dict[str, Any]:
        """The next frame. ConnectionClosed when the socket is gone."""
        found: dict[str, Any] = json.loads(await self._ws.recv())
        return found

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next frame of this kind; a `nack` before it is a Problem."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while (found := await self.frame())["t"] != kind:
                if found["t"] == "nack":
                    raise Problem(f"The gateway said no: {found}")
        return found


@asynccontextmanager
async def line(
    settings: Settings, person: Mapping[str, Any], resume: Mapping[str, str | None] | None = None
) -> AsyncIterator[Line]:
    """A socket whose channels of `resume` are heard already. `person`: arguments of `tokens.claims`."""
    payload = tokens.claims(settings, now=int(time.time()), minutes=60, **person)
    address = settings.gateway_url.replace("http", "ws", 1) + "/api/websocket/connection"
    async with connect(address, compression=None, ping_interval=None, max_size=None) as ws:
        one = Line(ws)
        await one.say("hello", v=1, token=tokens.sign(settings, payload), resume=dict(resume or {}))
        await one.hear("welcome")
        yield one
