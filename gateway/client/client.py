"""The shell around the core: an aiohttp socket, the clock, whoever waits."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import aiohttp

from gateway.client.core import Core
from gateway.client.effects import Connect, Effect, End, Ended, Event, Hangup, Renew, Say, Settled, Tell
from gateway.client.outbox import Outbox
from gateway.client.rest import GetToken, Rest
from schemas.ids import new_id

log = logging.getLogger("concierge.client")
SOCKET = "/api/websocket/connection"
# Events that nobody took yet: beyond the most, channels are left, and heard again from there below the least.
MOST_EVENTS, LEAST_EVENTS = 2_000, 500
CLOSE_SECONDS = 1.0


class Client:
    """One person's or one system's connection to the house.

    `token`: a token, or a coroutine function that gives a fresh one whenever one is needed (then the client
    outlives its tokens). `rest` has `get(path, **query)` and `post(path, body)` with the same token.
    """

    rest: Rest

    def __init__(self, url: str, token: str | GetToken) -> None:
        self._url = url
        self._fresh = None if isinstance(token, str) else token
        self._token = token if isinstance(token, str) else None
        self._core = Core(Outbox(new_id()), self._token, random.random)
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._out: asyncio.Queue[str] = asyncio.Queue()
        self._socket: asyncio.Task[None] | None = None
        self._signing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._why = Ended(0, "closed", "This client was closed.")

    async def __aenter__(self) -> Client:
        self._loop = asyncio.get_running_loop()
        self._http = aiohttp.ClientSession(self._url, timeout=aiohttp.ClientTimeout(30))
        self.rest = Rest(self._http, self._bearer)
        self._core_did(self._core.tick(self._loop.time()))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._core_did(self._core.close())
        tasks = [task for task in (self._socket, self._signing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        await self._http.close()

    @property
    def connections(self) -> int:
        """How often a gateway welcomed this client: more than once means that it came back."""
        return self._core.connections

    @property
    def repeats(self) -> int:
        """Events that came again, on another channel or after a drop, and were given once."""
        return self._core.repeats.total()

    @property
    def repeated(self) -> Mapping[str, int]:
        """The same by type. Some come often: what is said of the whole group is said to each hotel."""
        return self._core.repeats

    @property
    def uptime(self) -> float:
        """The share of time, from 0 to 1, in which this client was connected and heard all its channels.

        It counts from when it first did. Of a connection that died in silence what came last counts.
        """
        return self._core.uptime.share(self._loop.time())

    @property
    def gaps(self) -> list[float]:
        """Seconds that each time between took, the newest thousand."""
        return list(self._core.uptime.gaps)

    @property
    def current(self) -> bool:
        """Whether all channels are heard, the gateway was heard lately, and Kafka answers it."""
        return self._core.current(self._loop.time())

    @property
    def stale_since(self) -> int | None:
        """Since when Kafka has not answered the gateway, ms; None while it does."""
        return self._core.stale_since

    async def sub(self, channel: str, cursor: str | None = None) -> None:
        """Hear a channel; returns once it is heard. Refused where this token may not.

        Its first event is a `snapshot`, unless it goes on from a `cursor` (`Event.cur` of an earlier life).
        """
        await self._settled(channel, self._core.sub(channel, cursor))

    def unsub(self, channel: str) -> None:
        """Hear it no more."""
        self._core_did(self._core.unsub(channel))

    async def send(self, cmd: str, d: Mapping[str, Any], *, id: str | None = None) -> str:
        """Send a command; its id, once the log has it. Refused where the gateway says no.

        Sent again until there is an answer, in the order of the calls. What was decided comes as an event
        whose `d["causation_id"]` is the id. An `id` of your own makes the same command, said again by a
        later life of your program, have one effect. Cancelling the call does not take the command back.
        """
        own, effects = self._core.send(cmd, dict(d), id, self._loop.time())
        await self._settled(own, effects)
        return own

    def got(self, event: Event) -> None:
        """Say that this event, and all before it on its channel, has come to this person's device.

        It is their delivered mark in a chat: the others are told. Lost with the connection, it comes with the
        next one.
        """
        if event.cur is not None:
            self._core_did(self._core.got(event.ch, event.cur))

    async def events(self) -> AsyncIterator[Event]:
        """What the channels say, each event once; for ever. Ended where the gateway does not want us back."""
        while (event := await self._events.get()) is not None:
            if self._core.paused and self._events.qsize() < LEAST_EVENTS:
                self._core_did(self._core.go_on())
            yield event
        self._events.put_nowait(None)
        raise self._why

    async def _settled(self, about: str, effects: list[Effect]) -> None:
        if self._core.phase == "ended":
            raise self._why
        waiter = self._waiting.get(about) or self._loop.create_future()
        self._waiting[about] = waiter
        self._core_did(effects)
        await asyncio.shield(waiter)

    def _core_did(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Tell(event):
                    self._events.put_nowait(event)
                case Say(text):
                    self._out.put_nowait(text)
                case Settled(about, refusal):
                    self._settle(about, refusal)
                case Connect():
                    self._socket = self._loop.create_task(self._connect())
                case Renew():
                    self._signing = self._loop.create_task(self._renew())
                case Hangup():
                    if self._socket is not None:
                        self._socket.cancel()
                case End(why):
                    self._why = why
                    for about in list(self._waiting):
                        self._settle(about, why)
                    self._events.put_nowait(None)
        if self._events.qsize() > MOST_EVENTS and not self._core.paused:
            self._core_did(self._core.pause())
        self._set_timer()

    def _settle(self, about: str, refusal: Exception | None) -> None:
        waiter = self._waiting.pop(about, None)
        if waiter is None or waiter.done():
            return
        if refusal is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(refusal)
            waiter.exception()  # whoever waited may be gone

    def _set_timer(self) -> None:
        at = self._core.wake_at()
        if at is None or (self._timer is not None and self._timer.when() <= at):
            return  # one that rings early looks again
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._core_did(self._core.tick(self._loop.time()))

    async def _connect(self) -> None:
        code = None
        try:
            closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
            async with self._http.ws_connect(SOCKET, timeout=closing, max_msg_size=0) as ws:
                self._out = asyncio.Queue()
                writing = self._loop.create_task(self._write(ws))
                try:
                    self._core_did(self._core.opened(self._loop.time()))
                    async for message in ws:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            self._core_did(self._core.received(message.data, self._loop.time()))
                finally:
                    writing.cancel()
                code = ws.close_code
        except (aiohttp.ClientError, OSError) as error:
            log.debug("no socket: %r", error)
        except asyncio.CancelledError:
            if self._core.phase == "ended":
                raise
        if self._core.phase != "ended":
            log.info("the socket is gone (%s)", code)
        self._core_did(self._core.lost(code, self._loop.time()))

    async def _write(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(aiohttp.ClientError, OSError):  # whoever reads learns of it, too
            while True:
                await ws.send_str(await self._out.get())

    async def _renew(self) -> None:
        assert self._fresh is not None
        try:
            self._token = await self._fresh()
        except Exception:
            log.exception("no token")
            self._core_did(self._core.unsigned(self._loop.time()))
            return
        self._core_did(self._core.signed(self._token, self._loop.time()))

    async def _bearer(self) -> str:
        if self._token is None:
            assert self._fresh is not None
            self._token = await self._fresh()
        return self._token
