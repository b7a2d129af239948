"""One suite for every way in: what is heard, once and in order, from any cursor; what is said, once.

A client may come by one way and go on by another: cursors mean the same on all of them.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
import socketio

from gateway.client import Client as PythonClient
from gateway.client import Refused
from infra.runtime.kafka import send
from schemas import topics
from schemas.ids import new_id
from schemas.records.chats import ChatEvent, ThreadOpened
from schemas.records.settings import PropertySettings, Revocation, SettingsRecord
from tests.gateway.support import Running, client, token
from tests.patience import PATIENCE, patience, until

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
    own: str
    thread: str

    @property
    def channel(self) -> str:
        return f"thread:{self.thread}"

    def token(self, user: str = "ann", **more: Any) -> str:
        return token("staff", self.own, sub=user, **more)


class Way(ABC):
    """One client that hears the chat. `texts`: what it heard, in order; `cursor`: of the last."""

    def __init__(self, house: House, own: str) -> None:
        self.house, self.token = house, own
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


WAYS: list[type[Way]] = [Socket, Stream, Poll, Python, SocketIOWebSocket, SocketIOPolling]


@pytest.fixture
async def house(gateway: Running) -> House:
    own = "ways" + new_id()[-6:]
    found = House(gateway, own, f"t-{new_id()}")
    about = PropertySettings(name="W", time_zone="Europe/Lisbon", currency="EUR", departments=["spa"])
    record = SettingsRecord(property_id=own, kind="property", id=own, at=1, actor_id="t", property=about)
    key = topics.entity_key(own, "property", own)
    await send(gateway.producer, gateway.settings, topics.SETTINGS, own, record, key)
    opened = ChatEvent(
        event_id=found.thread, property_id=own, thread_id=found.thread, actor_id="ann", actor_role="staff",
        device_id="d", sequence=0, claimed_at=1,
        thread_opened=ThreadOpened(kind="staff", members=["ann", "ben", "gus"]),
    )  # fmt: skip
    await send(gateway.producer, gateway.settings, topics.CHATS, own, opened)
    hotel = gateway.live.model.of(own)
    await until(lambda: hotel.property is not None and found.thread in hotel.threads)
    return found


@asynccontextmanager
async def listening(kind: type[Way], house: House, cursor: str | None = None) -> AsyncIterator[Way]:
    """Ann, by this way."""
    one = kind(house, house.token())
    async with AsyncExitStack() as stack:
        await one.listen(stack, cursor)
        yield one


async def says(one: Way, *texts: str) -> None:
    for text in texts:
        await one.say(new_id(), "chat.send", {"thread_id": one.house.thread, "text": text})


@pytest.mark.parametrize("then", WAYS)
@pytest.mark.parametrize("first", WAYS)
async def test_who_goes_on_by_another_way_hears_each_once_in_order(
    house: House, first: type[Way], then: type[Way]
) -> None:
    async with listening(Socket, house) as other:
        async with listening(first, house) as ann:
            await says(other, "one", "two")
            await says(ann, "three")
            await until(lambda: ann.texts == ["one", "two", "three"], "not all was heard")
        await says(other, "four", "five")
        async with listening(then, house, ann.cursor) as again:
            await says(other, "six")
            await until(lambda: again.texts == ["four", "five", "six"], "what was missed did not come")


@pytest.mark.parametrize("kind", WAYS)
async def test_the_same_id_again_has_one_effect_and_other_words_are_refused(
    house: House, kind: type[Way]
) -> None:
    own, d = new_id(), {"thread_id": house.thread, "text": "once"}
    async with listening(Socket, house) as other, listening(kind, house) as ann:
        await ann.say(own, "chat.send", d)
        await ann.say(own, "chat.send", d)
        with pytest.raises(No, match="id_taken"):
            await ann.say(own, "chat.send", d | {"text": "twice"})
        await says(ann, "last")
        await until(lambda: ann.texts == other.texts == ["once", "last"])


@pytest.mark.parametrize("kind", WAYS)
async def test_what_is_not_ones_own_is_refused(house: House, kind: type[Way]) -> None:
    stranger = kind(house, house.token("zoe"))
    async with AsyncExitStack() as stack:
        with pytest.raises(No, match="forbidden"):
            await stranger.listen(stack, None)
    async with listening(kind, house) as ann:
        with pytest.raises(No, match="unknown_thread"):
            await ann.say(new_id(), "chat.send", {"thread_id": "t-other", "text": "x"})


@pytest.mark.parametrize("kind", WAYS)
async def test_who_is_revoked_hears_no_more(house: House, kind: type[Way]) -> None:
    gateway = house.gateway
    async with listening(Socket, house) as other:
        gus = kind(house, house.token("gus"))
        async with AsyncExitStack() as stack:
            await gus.listen(stack, None)
            await says(other, "before")
            await until(lambda: gus.texts == ["before"])
            record = SettingsRecord(
                property_id=house.own, kind="revocation", id="gus", at=2, actor_id="t",
                revocation=Revocation(kind="user", id="gus", before=1 << 50),
            )  # fmt: skip
            key = topics.entity_key(house.own, "revocation", "gus")
            await send(gateway.producer, gateway.settings, topics.SETTINGS, house.own, record, key)
            async with patience():
                await gus.over.wait()
            await says(other, "after")
        assert gus.texts == ["before"]
