"""Every way into the gateway as a client of its own; all hear the chat of one hotel, and speak in it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import socketio

from gateway.client import Client as PythonClient
from gateway.client import Refused
from tests.gateway.script import Script
from tests.gateway.support import Running, client, token
from tests.patience import PATIENCE, patience

PATH = "/api/websocket/events"


class No(Exception):
    """The gateway said no: `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class House:
    """A hotel with a chat of three: ann, ben and gus."""

    gateway: Running
    script: Script
    own: str
    thread: str

    @property
    def channel(self) -> str:
        return f"thread:{self.thread}"

    def token(self, user: str = "ann", **more: Any) -> str:
        return token("staff", self.own, sub=user, **more)


class Way(ABC):
    """One client that hears the chat. `texts`: what it heard, in order; `cursor`: of the last."""

    def __init__(self, house: House, user: str) -> None:
        self.house, self.user, self.token = house, user, house.token(user)
        self.texts: list[str] = []
        self.cursor: str | None = None
        self.over = asyncio.Event()

    @abstractmethod
    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        """Hears the chat from here on, or from a snapshot. No where it may not."""

    @abstractmethod
    async def say(self, own: str, cmd: str, d: dict[str, Any]) -> None:
        """Returns once it is acked. No where it is refused."""

    def heard(self, frame: dict[str, Any]) -> None:
        """A frame, or an event in the shape of one."""
        if frame.get("ch") == self.house.channel and frame.get("cur"):
            self.cursor = frame["cur"]
        if frame.get("type") == "new_message":
            self.texts.append(frame["d"]["text"])


class Socket(Way):
    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        self._one = await stack.enter_async_context(client(self.house.gateway, self.token))
        await self._one.say("sub", ch=self.house.channel, cur=cursor)
        first = await self._one.hear("subbed", "nack")
        if first["t"] == "nack":
            raise No(first["code"])
        self.heard(first)
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        stack.callback(asyncio.create_task(self._hear()).cancel)

    async def _hear(self) -> None:
        try:
            async for text in self._one.ws:
                frame = msgspec.json.decode(text)
                self.heard(frame)
                if frame["t"] in ("ack", "nack"):
                    self._answers.put_nowait(frame)
        finally:
            self.over.set()

    async def say(self, own: str, cmd: str, d: dict[str, Any]) -> None:
        await self._one.say("pub", id=own, cmd=cmd, d=d)
        async with patience():
            while (answer := await self._answers.get())["id"] != own:
                pass
        if answer["t"] == "nack":
            raise No(answer["code"])


class _Http(Way):
    async def _enter(self, stack: AsyncExitStack) -> None:
        head = {"Authorization": f"Bearer {self.token}"}
        self._web = await stack.enter_async_context(self.house.gateway.web(headers=head))

    async def say(self, own: str, cmd: str, d: dict[str, Any]) -> None:
        answer = await self._web.post(PATH, json={"id": own, "cmd": cmd, "d": d})
        if answer.is_error:
            raise No(answer.json()["error"]["code"])


class Poll(_Http):
    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        await self._enter(stack)
        self.cursor = cursor
        if cursor is None:
            await self._ask()
        else:  # the first answer comes with what was missed, or later
            probe = await self._web.get(PATH, params={"ch": "staff:" + self.house.own, "poll": 1})
            assert probe.is_success
        stack.callback(asyncio.create_task(self._hear()).cancel)

    async def _ask(self) -> None:
        asked = {"ch": self.house.channel, "poll": "1"} | ({"cur": self.cursor} if self.cursor else {})
        answer = await self._web.get(PATH, params=asked)
        if answer.is_error:
            raise No(answer.json()["error"]["code"])
        for frame in answer.json()["events"]:
            self.heard(frame)
        self.cursor = answer.json()["cur"]

    async def _hear(self) -> None:
        try:
            while True:
                await self._ask()
        except (No, httpx.HTTPError):
            self.over.set()


class Stream(_Http):
    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        await self._enter(stack)
        asked = {"ch": self.house.channel} | ({"cur": cursor} if cursor else {})
        got = await stack.enter_async_context(self._web.stream("GET", PATH, params=asked))
        if got.is_error:
            raise No(msgspec.json.decode(await got.aread())["error"]["code"])
        self._lines = got.aiter_lines()
        await self._one()
        stack.callback(asyncio.create_task(self._hear()).cancel)

    async def _one(self) -> None:
        async for line in self._lines:
            if line.startswith("data:"):
                self.heard(msgspec.json.decode(line[5:]))
                return
        raise EOFError

    async def _hear(self) -> None:
        try:
            while True:
                await self._one()
        except (EOFError, httpx.HTTPError):
            self.over.set()


class Python(Way):
    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        self._one = await stack.enter_async_context(PythonClient(self.house.gateway.url, self.token))
        try:
            await self._one.sub(self.house.channel, cursor)
        except Refused as no:
            raise No(no.code) from no
        stack.callback(asyncio.create_task(self._hear()).cancel)

    async def _hear(self) -> None:
        try:
            async for event in self._one.events():
                self.heard({"type": event.type, "ch": event.ch, "cur": event.cur, "d": event.d})
        finally:
            self.over.set()

    async def say(self, own: str, cmd: str, d: dict[str, Any]) -> None:
        try:
            await self._one.send(cmd, d, id=own)
        except Refused as no:
            raise No(no.code) from no


class _SocketIO(Way):
    transport: str

    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        self._one = socketio.AsyncClient(reconnection=False)
        self._one.on("new_message", self.heard)
        self._one.on("disconnect", lambda *_: self.over.set())
        await self._one.connect(
            self.house.gateway.url, auth={"token": self.token}, transports=[self.transport]
        )
        stack.push_async_callback(self._one.disconnect)
        answer = await self._one.call("sub", (self.house.channel, cursor), timeout=PATIENCE)
        if answer["t"] == "nack":
            raise No(answer["code"])
        if not self.texts:
            self.cursor = answer["cur"]

    async def say(self, own: str, cmd: str, d: dict[str, Any]) -> None:
        answer = await self._one.call("pub", {"id": own, "cmd": cmd, "d": d}, timeout=PATIENCE)
        if answer["t"] == "nack":
            raise No(answer["code"])


class SocketIOWebSocket(_SocketIO):
    transport = "websocket"


class SocketIOPolling(_SocketIO):
    transport = "polling"


class _Script(Way):
    """A client written in JavaScript."""

    kind: str
    way: str

    async def listen(self, stack: AsyncExitStack, cursor: str | None) -> None:
        self._said: asyncio.Queue[list[Any]] = asyncio.Queue()
        self._n = self.house.script.open(
            self._hear, kind=self.kind, way=self.way, url=self.house.gateway.url, token=self.token,
            user_id=self.user, property_id=self.house.own, channel=self.house.channel, cursor=cursor,
        )  # fmt: skip
        stack.push_async_callback(self._close)
        self.cursor = (await self._next("listening", "no"))[1] or self.cursor

    def _hear(self, name: str, *more: Any) -> None:
        if name == "heard":
            self.heard(more[0])
        elif name == "over":
            self.over.set()
        else:
            self._said.put_nowait([name, *more])

    async def _next(self, *names: str) -> list[Any]:
        async with patience():
            while (said := await self._said.get())[0] not in names:
                pass
        if said[0] == "no":
            raise No(said[1])
        return said

    async def _close(self) -> None:
        self.house.script.tell(self._n, close=True)
        self.cursor = (await self._next("closed"))[1] or self.cursor

    async def say(self, own: str, cmd: str, d: dict[str, Any]) -> None:
        self.house.script.tell(self._n, say={"id": own, "cmd": cmd, "d": d})
        while (said := await self._next("settled"))[1] != own:
            pass
        if said[2] is not None:
            raise No(said[2])


class CoreSocket(_Script):
    kind, way = "core", "socket"


class CoreStream(_Script):
    kind, way = "core", "stream"


class CorePoll(_Script):
    kind, way = "core", "poll"


class StockWebSocket(_Script):
    kind, way = "stock", "websocket"


class StockPolling(_Script):
    kind, way = "stock", "polling"


WAYS: list[type[Way]] = [
    Socket, Stream, Poll, Python, SocketIOWebSocket, SocketIOPolling,
    CoreSocket, CoreStream, CorePoll, StockWebSocket, StockPolling,
]  # fmt: skip
