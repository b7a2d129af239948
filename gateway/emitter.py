"""One client that speaks Socket.IO: the protocol's frames are its events, their answers its callbacks."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from engineio.async_socket import AsyncSocket
from starlette.requests import HTTPConnection

from gateway import packets, protocol
from gateway.channels import demand
from gateway.claims import Claims
from gateway.cursor import BadCursor
from gateway.errors import Refused, Unauthorized, too_many
from gateway.outbox import Outbox
from gateway.packets import CONNECT, DISCONNECT, EVENT, MAX_TEXT_CHARS, Auth, Packet
from gateway.peer import LISTENING, Answer, Frame, Peer
from gateway.protocol import HEARTBEAT_MS, MAX_RESUMED, Close, Effect, Got, Sub, Unsub
from gateway.ring import Event
from gateway.sockets import LAST_SECONDS
from gateway.state import State
from gateway.wire import CUT_SECONDS, Wire
from infra.runtime import metrics
from schemas.ids import new_id

PING_SECONDS = HEARTBEAT_MS / 1000
# Whom these close comes back by itself: the line breaks, and no word forbids it.
COME_BACK = frozenset({protocol.DRAIN, protocol.DEAD, protocol.RATE, protocol.EXPIRED})

# Codes of goodbyes whose reason is a sentence.
ENDS = {
    protocol.RATE: "rate_limited", protocol.PROTOCOL: "protocol", protocol.FORBIDDEN: "forbidden",
    protocol.TOO_LARGE: "too_large",
}  # fmt: skip


class Emitter(Peer):
    """One client, a stranger first. `line` is what the engine has of it, whose queue is an Outbox."""

    way = "socketio"

    def __init__(self, live: State, origin: HTTPConnection, line: AsyncSocket) -> None:
        super().__init__(live, origin)
        self._line = line
        self._out: Outbox = line.queue
        self._out.line = line
        self._asked = self._ended = False
        self._shut: Close | None = None
        self._wake = asyncio.Event()
        # Of these the handshake named: one cursor holds for all of them.
        self._named: frozenset[str] = frozenset()
        self._answer: Answer | None = None

    @property
    def welcome(self) -> bool:
        """Whether it has said who it is."""
        return self._session.claims is not None

    def upgrades(self, wire: Wire) -> None:
        """It has, or is about to have, a WebSocket."""
        if not self._line.upgraded:
            self._out.wire = wire

    def probed(self) -> None:
        """A WebSocket ended. One that never carried anything keeps nobody from polling on."""
        self._line.upgrading = False

    def shut(self, code: int, reason: str) -> None:
        """Closes from outside: revoked, drained."""
        self._shut = Close(code, reason)
        self._wake.set()

    def gone(self) -> None:
        """The line is closed."""
        self._session.closed = self._ended = True
        self._out.clear()
        self._wake.set()

    async def run(self) -> None:
        """Until it is gone; what it says comes by `heard`."""
        try:
            with metrics.CONNECTIONS.labels("socketio").track_inprogress():
                while not self._session.closed:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._session.wake_in(self._live.clock())):
                            await self._wake.wait()
                    self._wake.clear()
                    for effect in [self._shut] if self._shut is not None else self.tick():
                        await self.perform(effect, self.control)
                    if not self._line.closed:
                        await self._line.check_ping_timeout()
        finally:
            await self._line.close(wait=False)
            self._out.put_nowait(None)  # the writer's end, behind what waits
            if (wire := self._out.wire) is not None:
                asyncio.get_running_loop().call_later(CUT_SECONDS, wire.transport.abort)
            self.leave()

    async def heard(self, data: Any) -> None:
        """A message of the engine's. Who does not read is not read: the answers would pile up here."""
        await self._out.ready()
        if self._session.closed:
            return
        try:
            packet = packets.read(data)
            if packet.namespace not in (None, "/"):
                self._foreign(packet)
            elif packet.packet_type == CONNECT:
                await self._connect(packet)
            elif packet.packet_type == DISCONNECT:
                await self._line.close(wait=False)
            elif packet.packet_type == EVENT:
                await self._event(packet)
        except ValueError as error:
            await self.perform(Close(protocol.PROTOCOL, str(error)), self.control)

    def write(self, events: list[Event], wire: bytes) -> bool:
        """The events; of several copies of one only the last says where one is, as one cursor is for all."""
        if self._ended:
            return True
        told, before, direct = list[bytes](), None, self._out.direct
        for one in reversed(events):
            place = one.topic, one.place
            placed = one.channel in self._named and place != before
            if placed:
                before = place
            told.append(one.emitted_wire(placed) if direct else one.emitted(placed))
        told.reverse()
        if direct:
            return self._out.write(b"".join(told))
        for packet in told:
            self._out.push(packet)
        return self._out.roomy

    def control(self, frame: Frame) -> None:
        """A frame of the protocol as an event of its kind; what a `sub` says goes to its callback."""
        if self._ended:
            return
        if self._answer is not None and frame["t"] == "subbed":
            self._answer(frame)
        else:
            self._emit(frame)

    async def ready(self) -> None:
        """There is room to write."""
        await self._out.ready()

    def silent(self) -> float:
        """The engine's own pings judge who is dead."""
        return 0.0

    def drain(self, jitter_ms: int) -> None:
        """Stock clients do not know the event, so the line breaks at a moment of its own: they come back."""
        super().drain(jitter_ms)
        seconds = random.random() * jitter_ms / 1000
        asyncio.get_running_loop().call_later(seconds, self.shut, protocol.DRAIN, "drain")

    async def close(self, close: Close) -> None:
        """Says why. Who must not come back is told in Socket.IO's way, the others find the line closed."""
        if self._ended:
            return
        self._out.clear()
        if self.welcome and close.code != protocol.DRAIN:
            code = close.reason if close.reason.isidentifier() else ENDS[close.code]
            self._emit(protocol.nack("", code, f"This connection ends: {close.reason}."))
        if self.welcome and close.code not in COME_BACK:
            self._out.push(packets.GOODBYE)
        self._ended = True
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                while not self._out.empty():
                    await asyncio.sleep(0.02)
        await self._line.close(wait=False)

    def verified(self, claims: Claims, resume: dict[str, str | None]) -> list[Effect]:
        """As the base does; from now on it is another time at which something is due."""
        self._wake.set()
        return super().verified(claims, resume)

    def listen(self, asked: Sub | Unsub, answer: Answer) -> None:
        """As the base does; what the feed says of it at once is the answer."""
        self._answer = answer if answer != self.control else self._emit
        try:
            super().listen(asked, answer)
        finally:
            self._answer = None

    async def _connect(self, packet: Packet) -> None:
        if self._asked:
            raise ValueError("a handshake comes once")
        self._asked = True
        try:
            asked = msgspec.convert(packet.data or {}, Auth)
            names, most = asked.names, self._live.settings.socket_channels
            if len(names) > MAX_RESUMED:
                raise too_many(most)
            claims = await self.known(asked.token)
            self._live.limits.take(claims, "command", self._live.clock(), cost=LISTENING * len(names[:most]))
            if claims.expires_at <= self._live.clock():
                # Let in for a difference of clocks it would end at once, come back by itself, and so on.
                raise Unauthorized("token_expired", "The token has expired: get a new one.", protocol.EXPIRED)
        except msgspec.ValidationError as error:
            self._out.push(packets.refused(Refused(400, "malformed", f"auth: {error}"[:300])))
        except Refused as no:
            # A client that is refused does not come back by itself: one that shall is closed instead.
            if no.status == 429:
                await self.perform(Close(protocol.RATE, no.code), self.control)
            else:
                self._out.push(packets.refused(no))
        else:
            if not self._session.closed:
                await self._welcome(claims, asked)

    async def _welcome(self, claims: Claims, asked: Auth) -> None:
        offset, pid, most = asked.offset, asked.pid or "", self._live.settings.socket_channels
        names, beyond = asked.names[:most], asked.names[most:]
        one = None if isinstance(offset, dict) else offset
        if not 0 < len(pid) <= MAX_TEXT_CHARS or not self._recovers(claims, names, one):
            pid = new_id()
        self._out.push(packets.connected(self._session.session_id, pid))
        for effect in self.verified(claims, {}):
            await self.perform(effect, self.control)
        if isinstance(offset, dict):
            for name in names:
                self._hear([name], offset.get(name))
        else:
            self._named = frozenset(names)
            self._hear(names, one)
        for name in beyond:
            self._refuse(name, too_many(most))

    def _recovers(self, claims: Claims, channels: list[str], cursor: str | None) -> bool:
        """Whether all channels go on where the client was."""
        try:
            for name in channels:
                channel = demand(claims, name, self._live.model)
                self._live.hub.cursors.decode(channel.property_id, cursor or "")
        except (Refused, BadCursor):
            return False
        return bool(channels)

    def _hear(self, channels: list[str], cursor: str | None) -> None:
        assert self._feed is not None
        ours = list[str]()
        for name in channels:
            try:
                demand(self.claims, name, self._live.model)
                ours.append(name)
            except Refused as no:
                self._refuse(name, no)
        try:
            self._feed.resume(ours, cursor)
        except Refused as no:
            for name in ours:
                self._refuse(name, no)

    def _refuse(self, name: str, no: Refused) -> None:
        self._emit(protocol.nack(name, no.code, no.message, no.retry_after))

    async def _event(self, packet: Packet) -> None:
        if not self.welcome:
            raise ValueError("a handshake comes first")
        frame, number = packets.frame_of(packet.data), packet.id
        answer = self.control if number is None else partial(self._ack, number)
        for effect in self.received(msgspec.json.encode(frame).decode()):
            await self.perform(effect, answer)
            if number is not None and isinstance(effect, Unsub | Got):
                self._ack(number)

    def _foreign(self, packet: Packet) -> None:
        if packet.packet_type != CONNECT or len(packet.namespace) > MAX_TEXT_CHARS:
            raise ValueError("only the namespace / is spoken here")
        no = Refused(404, "unknown_namespace", "Only the namespace / is spoken here.")
        self._out.push(packets.refused(no, packet.namespace))

    def _ack(self, number: int, *said: Frame) -> None:
        if not self._ended:
            self._out.push(packets.acked(number, list(said)))

    def _emit(self, frame: Frame) -> None:
        placed = frame.get("ch") in self._named if frame["t"] == "subbed" else bool(self._named)
        self._out.push(packets.event(frame, placed))
