"""/socket.io/: the same events, commands and cursors for clients that speak Socket.IO (v4).

python-socketio gives the packets and Engine.IO (polling, WebSocket, the way from one to the other). Rooms,
namespaces and callbacks of its server are not used: who hears what is the hub's and the feed's business.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs

import engineio
import structlog
from engineio.payload import Payload
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import Message, Receive, Scope, Send

from gateway import protocol
from gateway.auth import address_of
from gateway.emitter import PING_SECONDS, Emitter
from gateway.errors import Refused
from gateway.outbox import Outbox
from gateway.packets import SEPARATOR, sound
from gateway.protocol import HELLO_MS
from gateway.refusals import answer
from gateway.rest.wire import read_bytes
from gateway.state import State
from gateway.wire import EXTENSION
from infra.runtime.settings import Settings

log = structlog.get_logger()
# With the pings' interval as long as Socket.IO's own 25 s and 20 s: so long a client does not notice that a
# gateway is gone.
ANSWER_SECONDS = 30.0
TOO_LARGE = 413
# The library refuses more than 16 in one body, and clients send all they have: `_posted` bounds them.
Payload.max_decode_packets = 1_000


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """Engine.IO whose clients have bounded queues: `most` characters each."""

    def __init__(self, most: int, **more: Any) -> None:
        super().__init__(**more)
        self._most = most

    def create_queue(self, *_: Any, **__: Any) -> Outbox:
        """One for each client."""
        return Outbox(self._most)


class SocketIO:
    """ASGI app: gives the engine requests that are sound, and what it hears to the client's emitter."""

    path = "/socket.io/"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = Engine(
            settings.socket_unsent_bytes,
            async_mode="asgi",
            cors_allowed_origins=[],  # `headers.py` says it, and a cookie counts from our own pages only
            http_compression=False,
            max_http_buffer_size=settings.socket_frame_bytes,
            ping_interval=PING_SECONDS,
            ping_timeout=ANSWER_SECONDS,
            monitor_clients=False,  # each emitter looks after its own
            logger=logging.Logger("engineio", logging.CRITICAL),  # its lines hold what clients send
        )
        self._emitters: dict[str, Emitter] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._engine.on("connect", self._connect)
        self._engine.on("message", self._message)
        self._engine.on("disconnect", self._disconnect)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        scope["route"] = self  # its own name in the metrics
        query = parse_qs(scope["query_string"].decode("latin-1"))
        emitter = self._emitters.get(query.get("sid", [""])[0])
        try:
            if "sid" not in query:
                live: State = scope["state"]["live"]
                with live.strangers.entered(address_of(HTTPConnection(scope))):
                    pass  # it has a place, and takes it once the engine knows it
            if "j" in query:
                raise Refused(400, "no_jsonp", "JSONP is not spoken here, polling and websocket are.")
            if scope["type"] == "websocket":
                await self._socket(emitter, scope, receive, send)
                return
            if scope["method"] == "POST":
                receive = await _posted(scope, receive, self._settings)
        except Refused as no:
            if emitter is not None and no.status == TOO_LARGE:
                emitter.shut(protocol.TOO_LARGE, "frame too large")
            if scope["type"] == "websocket":
                await send({"type": "websocket.close"})  # before it is accepted: 403
            else:
                await answer(no)(scope, receive, send)
            return
        await self._engine.handle_request(scope, receive, _unkept(send))

    async def _socket(self, emitter: Emitter | None, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["emitter"] = emitter
        own = dict(scope)
        scope["query_string"] = b""  # the server logs it, and who knows the id in it is that client
        receive = _checked(own, receive, self._settings.socket_frame_bytes)
        if emitter is None:
            await self._engine.handle_request(own, receive, send)
        elif (probe := await _probe(receive, send)) is not None:
            emitter.upgrades(scope["extensions"][EXTENSION])
            try:
                await self._engine.handle_request(own, _again(probe, receive), _accepted(send))
            finally:
                emitter.probed()

    async def _connect(self, sid: str, environ: dict[str, Any]) -> str | None:
        scope = environ["asgi.scope"]
        live, origin, line = scope["state"]["live"], HTTPConnection(scope), self._engine.sockets[sid]
        try:
            live.strangers.enter(address_of(origin))
        except Refused as no:
            return no.message
        emitter = self._emitters[sid] = Emitter(live, origin, line)
        if scope["type"] == "websocket":
            scope["state"]["emitter"] = emitter
            emitter.upgrades(scope["extensions"][EXTENSION])
        task = asyncio.create_task(self._run(sid, emitter))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return None

    async def _run(self, sid: str, emitter: Emitter) -> None:
        try:
            await emitter.run()
        finally:
            del self._emitters[sid]
            self._engine.sockets.pop(sid, None)

    async def _message(self, sid: str, data: Any) -> None:
        emitter = self._emitters.get(sid)
        if emitter is None:
            return
        try:
            await emitter.heard(data)
        except Exception:
            log.exception("a message of Socket.IO failed")
            emitter.shut(protocol.RATE, "internal")

    async def _disconnect(self, sid: str, _: str) -> None:
        if (emitter := self._emitters.get(sid)) is not None:
            emitter.gone()


async def _probe(receive: Receive, send: Send) -> Message | None:
    """The first message of a WebSocket that takes a poller's place; None where none comes in time.

    From its connect on the engine tells the poller nothing; in networks that break WebSockets it would ask on
    and on, in vain.
    """
    await receive()
    await send({"type": "websocket.accept"})
    try:
        async with asyncio.timeout(HELLO_MS / 1000):
            message = await receive()
    except TimeoutError:
        await send({"type": "websocket.close"})
        return None
    return message if message["type"] == "websocket.receive" else None


def _again(probe: Message, receive: Receive) -> Receive:
    """What was received already, and what comes then."""
    before = [probe, {"type": "websocket.connect"}]

    async def again() -> Message:
        return before.pop() if before else await receive()

    return again


def _accepted(send: Send) -> Send:
    """It is accepted already."""

    async def accepted(message: Message) -> None:
        if message["type"] != "websocket.accept":
            await send(message)

    return accepted


def _checked(scope: Scope, receive: Receive, most: int) -> Receive:
    """Of a WebSocket what the engine can read: else it throws where nobody catches, and leaves a task."""

    async def checked() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            text = message.get("text")
            if not sound(text, polled=False):
                return {"type": "websocket.disconnect", "code": protocol.PROTOCOL}
            if text is None or len(text) <= most:
                return message
            if (emitter := scope["state"]["emitter"]) is not None:
                emitter.shut(protocol.TOO_LARGE, "frame too large")

    return checked


def _unkept(send: Send) -> Send:
    """Answers are for one client and one moment: nothing keeps them."""

    async def unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Cache-Control"] = "no-store"
        await send(message)

    return unkept


async def _posted(scope: Scope, receive: Receive, settings: Settings) -> Receive:
    """The body of a request, whole. Refused: 413, 408, 400 where the engine could not read it."""
    body = await read_bytes(Request(scope, receive), settings.socket_frame_bytes)
    try:
        packets = body.decode().split(SEPARATOR)
    except UnicodeDecodeError:
        packets = [""]
    if len(packets) > settings.socket_frames or not all(sound(one, polled=True) for one in packets):
        raise Refused(400, "malformed", "The body is not of Engine.IO, version 4.")
    kept = [head for head in scope["headers"] if head[0] != b"content-length"]
    scope["headers"] = [*kept, (b"content-length", str(len(body)).encode())]

    async def whole() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return whole
