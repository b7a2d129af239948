"""/api/websocket/connection: the shell around the protocol. Everything comes by a call; events are the hub's.

A socket at rest is an alarm and what it hears: no task waits for its messages (5,000 of them took 51 KB each
with a task and the app's way to it, and 6 % of a core for their beats).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import structlog
from fastapi import APIRouter, WebSocket

from gateway.auth import address_of
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.peer import Frame, Peer
from gateway.protocol import Close, Effect, Verify
from gateway.refusals import answer
from gateway.ring import Event, framed
from gateway.state import State
from gateway.wire import EXTENSION, Wire
from infra.runtime import metrics

log = structlog.get_logger()
router = APIRouter()
INTERNAL = Close(1011, "internal")
PING = b"\x89\x00"


@router.websocket("/api/websocket/connection")
async def connection(ws: WebSocket) -> None:
    """The handshake; what follows is the socket's own."""
    live: State = ws.state.live
    try:
        live.strangers.enter(address_of(ws))
    except Refused as no:
        await ws.send_denial_response(answer(no))
        return
    one = Socket(live, ws)
    try:
        await ws.accept()
    except BaseException:
        one.arrived()
        raise
    one.begin()


class Socket(Peer):
    """One client's connection."""

    way = "socket"

    def __init__(self, live: State, ws: WebSocket) -> None:
        super().__init__(live, ws)
        self._wire: Wire = ws.scope["extensions"][EXTENSION]
        self._over = False
        self.slot = 0
        # While a token is looked at, what is behind it; and what came when there was no room for an answer.
        self._verifying: asyncio.Task[None] | None = None
        self._waiting: list[str | bytes] = []

    def begin(self) -> None:
        """From here on the wire calls."""
        metrics.CONNECTIONS.labels("websocket").inc()
        self._wire.listen(self)
        self._sleep()
        if self._wire.disconnected:
            self.gone()

    def heard(self, data: str | bytes) -> None:
        """A message, taken once there is room for its answer and those before it are done with."""
        self._waiting.append(data)
        self.roomy()

    def roomy(self) -> None:
        """There is room: on with what waits."""
        while self._waiting and self._verifying is None and self._wire.writable.is_set() and not self._over:
            data = self._waiting.pop(0)
            try:
                self._do(self.received(data))
                if self._verifying is None:  # what a beat says holds after that: a channel may begin anew
                    self._do(self.tick())
            except Exception:
                self._failed()

    def straighten(self) -> None:
        """Whether each write is looked at goes by the line as it is now."""
        if self._feed is not None:
            self._feed.straighten(self._wire.straight)

    def gone(self) -> None:
        """The line is closed."""
        if self._over:
            return
        self._over = True
        self.straighten()
        self._waiting.clear()
        self._live.alarms.forget(self)
        if self._verifying is not None and self._verifying is not asyncio.current_task():
            self._verifying.cancel()
        metrics.CONNECTIONS.labels("websocket").dec()
        self.leave()

    def shut(self, code: int, reason: str) -> None:
        """Closes from outside: revoked, drained."""
        self._do([Close(code, reason)])

    def verified(self, claims: Claims, resume: dict[str, str | None]) -> list[Effect]:
        """As the base does; something else is due next."""
        effects = super().verified(claims, resume)
        self.straighten()
        self._sleep()
        return effects

    def write(self, events: list[Event], wire: bytes) -> bool:
        """The feed's bytes."""
        return self._wire.write_frames(wire)

    def control(self, frame: Frame) -> None:
        """A frame of the protocol, in order with the events; behind a beat a ping, to see that it lives."""
        self._wire.write_frames(framed(msgspec.json.encode(frame)) + (PING if frame["t"] == "beat" else b""))

    async def ready(self) -> None:
        """There is room to write."""
        await self._wire.drained()

    def silent(self) -> float:
        """Seconds since a byte came, or one of ours was taken."""
        return self._wire.silent()

    async def close(self, close: Close) -> None:
        """Who left hears no goodbye; who does not read hears none either and is cut."""
        self._leave_with(close)

    def _leave_with(self, close: Close) -> None:
        self._session.closed = True
        self._wire.goodbye(close.code, close.reason)
        self.gone()

    def _do(self, effects: Sequence[Effect]) -> None:
        for n, effect in enumerate(effects):
            if self._over:
                return
            match effect:
                case Close():
                    self._leave_with(effect)
                case Verify():
                    self._wire.hold(True)
                    self._verifying = asyncio.create_task(self._go_on(effects[n:]))
                    return
                case _:
                    self.do(effect, self.control)

    async def _go_on(self, effects: Sequence[Effect]) -> None:
        """What something has to be waited for, and what is behind it; nothing else is read meanwhile."""
        try:
            for effect in effects:
                if not self._over:
                    await self.perform(effect, self.control)
        except Exception:
            self._failed()
        finally:
            self._verifying = None
        self._wire.hold(False)
        self.roomy()

    def _failed(self) -> None:
        log.exception("a socket failed")
        self._leave_with(INTERNAL)

    def _sleep(self) -> None:
        """Until something is due."""
        if not self._over:
            self._live.alarms.set(self, self._session.wake_in(self._live.clock()))

    def ring(self) -> None:
        """Something is due, unless its time has moved."""
        if self._verifying is None:
            try:
                self._do(self.tick())
            except Exception:
                self._failed()
        self._sleep()
