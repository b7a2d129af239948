"""A manager's socket that comes back whenever it is cut, with its cursor, and writes down what it heard."""

from __future__ import annotations

import asyncio
import json
import time

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from infra.runtime import tokens
from infra.runtime.settings import Settings

AGAIN_SECONDS = 0.1


class Witness:
    """Event ids of one channel by type, as they came. `lost`: times that a cursor was of no use."""

    def __init__(self, settings: Settings, property_id: str) -> None:
        self._settings, self._property = settings, property_id
        self._channel = f"ops:{property_id}"
        self._cursor: str | None = None
        self.heard: dict[str, list[str]] = {}
        self.connected = 0
        self.lost = 0
        self.events = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._listen()
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        payload = tokens.claims(
            self._settings,
            user_id="witness",
            role="manager",
            property_id=self._property,
            now=int(time.time()),
            minutes=60,
        )
        token = tokens.sign(self._settings, payload)
        address = self._settings.gateway_url.replace("http", "ws", 1) + "/api/websocket/connection"
        async with connect(address, max_size=None) as ws:
            hello = {"t": "hello", "v": 1, "token": token, "resume": {self._channel: self._cursor}}
            await ws.send(json.dumps(hello))
            async for text in ws:
                self._take(json.loads(text))

    def _take(self, frame: dict[str, object]) -> None:
        if frame["t"] == "subbed":
            self.connected += 1
            self.lost += self._cursor is not None and frame["recovered"] is not True
        if frame["t"] == "ev":
            self.events += 1
            self.heard.setdefault(str(frame["type"]), []).append(str(frame["id"]))
        if "cur" in frame:
            self._cursor = str(frame["cur"])
