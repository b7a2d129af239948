"""/api/websocket/connection: the shell around the protocol. One reader; events are written by the hub."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from gateway import protocol
from gateway.auth import COOKIE, address_of, identified, same_origin
from gateway.claims import EVERY_PROPERTY, Claims
from gateway.errors import Refused, Unauthorized
from gateway.feed import Feed
from gateway.protocol import Close, Effect, Got, Ping, Pub, Send, Session, Sub, Unsub, Verify
from gateway.publish import publish
from gateway.receipts import Receipts
from gateway.refusals import answer
from gateway.ring import Event, framed
from gateway.sockets import LAST_SECONDS, stale
from gateway.state import State
from gateway.wire import EXTENSION, Wire
from infra.runtime import metrics
from schemas.ids import new_id

router = APIRouter()
# Pubs of one client waiting for their ack; beyond that it is asked to slow down.
MAX_WAITING = 64
EMERGENCY = "alerts.raise_emergency"


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
        one.known()


class Socket:
    """One client's connection."""

    claims: Claims

    def __init__(self, live: State, ws: WebSocket) -> None:
        self._live = live
        self._ws = ws
        self._address = address_of(ws)
        self._stranger = True
        self._wire: Wire = ws.scope["extensions"][EXTENSION]
        self._session = Session(new_id(), live.clock())
        self._feed: Feed | None = None
        self._receipts: Receipts | None = None
        self._pubs: asyncio.Queue[Pub] = asyncio.Queue(MAX_WAITING)
        self._publisher: asyncio.Task[None] | None = None
        self._urgent: set[asyncio.Task[None]] = set()
        self._shut: Close | None = None
        self._wake = asyncio.Event()

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
                    await self._perform(self._shut)
                    return
                effects = []
                if reading.done():
                    message = reading.result()
                    if message["type"] == "websocket.disconnect":
                        return
                    text = message.get("text")
                    effects = self._received(message.get("bytes", b"") if text is None else text)
                    reading = asyncio.create_task(self._ws.receive())
                effects += self._tick()
                for effect in effects:
                    await self._perform(effect)
                if self._session.closed:
                    return
        finally:
            for task in (reading, waking):
                task.cancel()
            await asyncio.gather(reading, waking, return_exceptions=True)
            await self._leave()

    def known(self) -> None:
        """Waits among the strangers no more: its hello was good, or it is gone."""
        if self._stranger:
            self._stranger = False
            self._live.strangers.leave(self._address)

    def shut(self, code: int, reason: str) -> None:
        """Closes from outside: revoked, drained."""
        self._shut = Close(code, reason)
        self._wake.set()

    def drain(self, after_ms: int, jitter_ms: int) -> None:
        """Asks the client to come back elsewhere."""
        self.control({"t": "drain", "after": after_ms, "jitter": jitter_ms})

    def write(self, events: list[Event], wire: bytes) -> bool:
        """The feed's bytes."""
        return self._wire.write_frames(wire)

    def control(self, frame: dict[str, Any]) -> None:
        """A frame of the protocol, in order with the events."""
        self._wire.write_frames(framed(msgspec.json.encode(frame)))

    def recheck(self) -> None:
        """Leaves the channels that are not this person's any more, and says so."""
        for name in self._feed.recheck() if self._feed is not None else ():
            self.control(protocol.nack(name, "forbidden", f"{name} is not yours any more."))

    async def ready(self) -> None:
        """There is room to write."""
        await self._wire.drained()

    def _received(self, data: str | bytes) -> list[Effect]:
        effects = self._session.received(data)
        if self._feed is not None:
            try:
                self._live.limits.take(self.claims, "frame", self._live.clock(), cost=max(1, len(effects)))
            except Refused:
                return [Close(protocol.RATE, "come back later")]
        return effects

    def _tick(self) -> list[Effect]:
        now = self._live.clock()
        silent = int(self._wire.silent() * 1000)
        feed, cursor = self._feed, None
        if feed is not None and feed.current and self.claims.property_id != EVERY_PROPERTY:
            cursor = self._live.hub.cursor(self.claims.property_id)
        return self._session.tick(now, now - silent, feed.count if feed else 0, cursor)

    async def _perform(self, effect: Effect) -> None:
        match effect:
            case Send():
                self.control(effect.frame)
            case Close():
                self._session.closed = True
                # Who left hears no goodbye; who does not read hears none either and is cut.
                with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                    async with asyncio.timeout(LAST_SECONDS):
                        await self._ws.close(effect.code, effect.reason)
            case Verify():
                for next_one in await self._verify(effect):
                    await self._perform(next_one)
            case Sub() | Unsub():
                self._listen(effect)
            case Pub():
                self._publish(effect)
            case Ping():
                self._live.presence.looked(self.claims, effect.away)
                self.control({"t": "pong"})
            case Got():
                self._got(effect)

    def _got(self, got: Got) -> None:
        assert self._feed is not None
        assert self._receipts is not None
        names = self._feed.live
        self._receipts.got(got.cur, names if not got.ch else names & {got.ch})

    async def _verify(self, asked: Verify) -> list[Effect]:
        token = asked.token
        if not token and same_origin(self._ws, self._live.settings):
            token = self._ws.cookies.get(COOKIE, "")
        try:
            claims = await identified(self._live, self._address, token)
        except Unauthorized as error:
            return self._session.rejected(error)
        except Refused:
            return [Close(protocol.RATE, "come back later")]
        if self._live.model.revoked(claims.token_id, claims.user_id, claims.property_id, claims.issued_at):
            return [Close(protocol.FORBIDDEN, "revoked")]
        first = self._session.claims is None
        if first:
            try:
                self._live.limits.take(claims, "connect", self._live.clock())
            except Refused:
                return [Close(protocol.RATE, "come back later")]
        effects = self._session.verified(claims, asked.resume)
        if self._session.closed:
            return effects
        self.claims = claims
        if first:
            self.known()
            self._feed = Feed(self._live, claims, self)
            self._receipts = Receipts(self._live, claims)
            self._publisher = asyncio.create_task(self._publish_all())
            self._live.sockets.add(self)
            self._live.presence.opened(claims)
            if self._live.tail.stale_since is not None:
                effects.insert(1, Send(stale(self._live.tail.stale_since)))
        elif self._feed is not None:
            self._feed.claims = claims
            self.recheck()
        return effects

    def _listen(self, asked: Sub | Unsub) -> None:
        assert self._feed is not None
        if isinstance(asked, Unsub):
            self._feed.unsubscribe(asked.ch)
            return
        try:
            self._live.limits.take(self.claims, "command", self._live.clock(), cost=0.25)
            self._feed.subscribe(asked.ch, asked.cur, asked.n)
        except Refused as refusal:
            self.control(protocol.nack(asked.ch, refusal.code, refusal.message, refusal.retry_after))

    def _publish(self, pub: Pub) -> None:
        if pub.cmd == EMERGENCY:  # waits behind nothing; its own rate bounds how many there are
            task = asyncio.create_task(self._publish_one(pub))
            self._urgent.add(task)
            task.add_done_callback(self._urgent.discard)
            return
        try:
            self._pubs.put_nowait(pub)
        except asyncio.QueueFull:
            message = f"{MAX_WAITING} commands wait already."
            self.control(protocol.nack(pub.id, "rate_limited", message, 1.0))

    async def _publish_all(self) -> None:
        """One after the other: a client's order is kept."""
        while True:
            await self._publish_one(await self._pubs.get())

    async def _publish_one(self, pub: Pub) -> None:
        self.control(await publish(self._live, self.claims, pub))

    async def _leave(self) -> None:
        if self._publisher is not None:
            self._publisher.cancel()
            await asyncio.gather(self._publisher, return_exceptions=True)
        if self._receipts is not None:
            await self._receipts.close()
        if self._feed is not None:
            self._live.sockets.remove(self)
            self._live.presence.closed(self.claims, self._live.clock())
            await self._feed.close()
