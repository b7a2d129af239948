"""/api/websocket/connection: the shell around the protocol. One reader; events are written by the hub."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from gateway.auth import address_of
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.peer import Frame, Peer
from gateway.protocol import Close, Effect
from gateway.refusals import answer
from gateway.ring import Event, framed
from gateway.sockets import LAST_SECONDS
from gateway.state import State
from gateway.wire import EXTENSION, Wire
from infra.runtime import metrics

router = APIRouter()


@router.websocket("/api/websocket/connection")
async def connection(ws: WebSocket) -> None:
    """The socket of one client, from hello to goodbye."""
    live: State = ws.state.live
    try:
        live.strangers.enter(address_of(ws))
    except Refused as no:
        await ws.send_denial_response(answer(no))
        return
    one = Socket(live, ws)
    try:
        await ws.accept()
        with metrics.CONNECTIONS.labels("websocket").track_inprogress():
            await one.run()
    finally:
        one.arrived()


class Socket(Peer):
    """One client's connection."""

    way = "socket"

    def __init__(self, live: State, ws: WebSocket) -> None:
        super().__init__(live, ws)
        self._ws = ws
        self._wire: Wire = ws.scope["extensions"][EXTENSION]
        self._address = address_of(ws)
        self._stranger = True

    async def run(self) -> None:
        """Reads until the client leaves or is sent away."""
        reading: asyncio.Task[Any] = asyncio.create_task(self._ws.receive())
        waking = asyncio.create_task(self._wake.wait())
        try:
            while True:
                await asyncio.wait(
                    (reading, waking),
                    timeout=self._session.wake_in(self._live.clock()),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if self._shut is not None:
                    await self.perform(self._shut, self.control)
                    return
                effects = list[Effect]()
                if reading.done():
                    message = reading.result()
                    if message["type"] == "websocket.disconnect":
                        return
                    text = message.get("text")
                    effects = self.received(message.get("bytes", b"") if text is None else text)
                    reading = asyncio.create_task(self._ws.receive())
                effects += self.tick()
                for effect in effects:
                    await self.perform(effect, self.control)
                if self._session.closed:
                    return
        finally:
            for task in (reading, waking):
                task.cancel()
            await asyncio.gather(reading, waking, return_exceptions=True)
            await self.leave()

    def arrived(self) -> None:
        """Waits among the strangers no more: its hello was good, or it is gone."""
        if self._stranger:
            self._stranger = False
            self._live.strangers.leave(self._address)

    def verified(self, claims: Claims, resume: dict[str, str | None]) -> list[Effect]:
        """As the base does; it is no stranger any more."""
        self.arrived()
        return super().verified(claims, resume)

    def write(self, events: list[Event], wire: bytes) -> bool:
        """The feed's bytes."""
        return self._wire.write_frames(wire)

    def control(self, frame: Frame) -> None:
        """A frame of the protocol, in order with the events."""
        self._wire.write_frames(framed(msgspec.json.encode(frame)))

    async def ready(self) -> None:
        """There is room to write."""
        await self._wire.drained()

    def silent(self) -> float:
        """Seconds since a byte came, or one of ours was taken."""
        return self._wire.silent()

    async def close(self, close: Close) -> None:
        """Who left hears no goodbye; who does not read hears none either and is cut."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(LAST_SECONDS):
                await self._ws.close(close.code, close.reason)
