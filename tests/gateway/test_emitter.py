"""Clients of Socket.IO that keep to nothing: bounded, told why where they listen, and no harm to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import msgspec
import pytest
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.emitter import Emitter
from schemas.ids import new_id
from tests.gateway.support import Running, token
from tests.gateway.test_wire import MESSAGES, MORE, TEXT, opened, talk
from tests.patience import PATIENCE, patience, until

PATH = "/socket.io/?EIO=4&transport="
SEPARATOR = "\x1e"


def mine() -> str:
    """A token of a hotel of its own: people may connect so often."""
    return token("admin", "emit" + new_id()[-6:])


def raw(gateway: Running, **more: Any) -> connect:
    """A WebSocket that has said nothing of Socket.IO yet."""
    return connect(
        f"ws://127.0.0.1:{gateway.port}{PATH}websocket", open_timeout=PATIENCE, max_size=1 << 24, **more
    )


async def said(ws: ClientConnection) -> str:
    """The next packet of Socket.IO's; pings are answered."""
    async with patience():
        while True:
            text = str(await ws.recv())
            if text == "2":
                await ws.send("3")
            elif text[0] == "4":
                return text[1:]


async def event(ws: ClientConnection, name: str) -> dict[str, Any]:
    """The frame of the next event of that name."""
    while True:
        text = await said(ws)
        if text.startswith(f'2["{name}"'):
            found: dict[str, Any] = msgspec.json.decode(text[1:])[1]
            return found


async def ended(ws: ClientConnection) -> None:
    """It is closed from the other side."""
    with suppress(ConnectionClosed):
        while True:
            await said(ws)


@asynccontextmanager
async def in_(gateway: Running, auth: dict[str, Any]) -> AsyncIterator[ClientConnection]:
    """One that is let in."""
    async with raw(gateway) as ws:
        await ws.send("40" + msgspec.json.encode(auth).decode())
        while not (text := await said(ws)).startswith("0{"):
            assert text[0] != "4", text
        yield ws


class Polling:
    """A polling client that asks only when told to."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self._web = web
        self.path = PATH + "polling"

    async def get(self) -> httpx.Response:
        return await self._web.get(self.path)

    async def post(self, *packets: str) -> httpx.Response:
        return await self._web.post(self.path, content=SEPARATOR.join(packets))

    async def opens(self) -> int:
        """How long a message may be, bytes."""
        found = msgspec.json.decode((await self.get()).text[1:])
        self.path += "&sid=" + found["sid"]
        return int(found["maxPayload"])


def held(gateway: Running, own: str) -> Emitter:
    """What the gateway has of the one client of this hotel."""
    (found,) = [one for one in gateway.live.sockets._open if one.claims.property_id == own]
    assert isinstance(found, Emitter)
    return found


async def test_who_never_says_who_they_are_is_closed(gateway: Running) -> None:
    async with raw(gateway) as ws, gateway.web() as web:
        poller = Polling(web)
        await poller.opens()
        await ended(ws)
        while (answer := await poller.get()).status_code == 200:
            pass
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "message",
    ["", "x", b"bytes", "9", "4", "4x", "49", '451-["pub",{"_placeholder":true,"num":0}]', '42["sub"',
     "42{}", "42[]", "42[7]", '42["pub",{}]', "4" + "[" * 20_000, "42" + "[" * 20_000,
     '44{"message":""}', '42/other,["sub","x"]', '42["\\ud800"]'],
)  # fmt: skip
async def test_what_is_not_the_protocol_ends_it_and_nothing_else(
    gateway: Running, message: str | bytes
) -> None:
    async with in_(gateway, {"token": mine()}) as other, raw(gateway) as ws:
        await ws.send(message)
        await ended(ws)
        async with in_(gateway, {"token": mine()}) as known:
            await known.send(message)
            if message != '42["pub",{}]':
                await ended(known)
        await other.send('42["ping"]')
        await event(other, "pong")


async def test_a_handshake_comes_once(gateway: Running) -> None:
    async with in_(gateway, {"token": mine()}) as ws:
        await ws.send("40")
        assert (await event(ws, "nack"))["message"] == "This connection ends: a handshake comes once."
        await ended(ws)
    async with in_(gateway, {"token": mine()}) as ws:
        await ws.send('42["hello",{"v":1}]')
        await ended(ws)
    async with raw(gateway) as ws:
        await ws.send("40/other,")
        assert "unknown_namespace" in await said(ws)


async def test_what_is_too_large_is_said_to_be_so(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    large = (
        '42["pub",' + msgspec.json.encode({"id": "1", "cmd": "x", "d": {"x": "y" * 70_000}}).decode() + "]"
    )
    async with in_(gateway, {"token": token("admin", own)}) as ws:
        await ws.send(large)
        assert (await event(ws, "nack"))["code"] == "too_large"
        await ended(ws)
    async with gateway.web() as web:
        poller = Polling(web)
        await poller.opens()
        await poller.post("40" + msgspec.json.encode({"token": token("admin", own)}).decode())
        waiting = asyncio.create_task(poller.get())
        assert (await poller.post(large)).status_code == 413
        text = (await waiting).text
        while "too_large" not in text:
            text = (await poller.get()).text


async def test_a_body_that_the_engine_cannot_read_is_refused(gateway: Running) -> None:
    async with gateway.web() as web:
        poller = Polling(web)
        await poller.opens()
        refused = [await poller.post("x"), await poller.post(*["3"] * 101), await poller.post("d=40")]
        refused += [await web.post(poller.path, content=b"\xff"), await web.get(poller.path + "&j=0")]
        assert [one.status_code for one in refused] == [400] * len(refused)
        assert refused[0].json()["error"]["code"] == "malformed"
        assert (await web.get("/socket.io/?EIO=3&transport=polling")).status_code == 400
        await poller.post("40" + msgspec.json.encode({"token": mine()}).decode())
        await poller.post(*['42["ping"]'] * 60)
        text = ""
        while text.count('2["pong"') < 60:
            text += (await poller.get()).text


async def test_a_websocket_that_carries_nothing_keeps_nobody_from_polling(gateway: Running) -> None:
    own, ids = "emit" + new_id()[-6:], [new_id() for _ in range(3)]
    auth = {"token": token("admin", own), "channels": [f"ops:{own}"]}
    async with gateway.web() as web:
        poller = Polling(web)
        await poller.opens()
        await poller.post("40" + msgspec.json.encode(auth).decode())
        url = f"ws://127.0.0.1:{gateway.port}{poller.path}".replace("=polling", "=websocket")

        async def polled(request_id: str) -> None:
            await gateway.request(own, request_id)
            text = ""
            while request_id not in text:
                text = (await poller.get()).text
                assert text != "6", "told to go on with the WebSocket"

        async with connect(url, open_timeout=PATIENCE) as mute:
            await polled(ids[0])
            await ended(mute)
        async with connect(url, open_timeout=PATIENCE) as ws:
            await ws.send("2probe")
            assert await ws.recv() == "3probe"
        await until(lambda: not held(gateway, own)._line.upgrading)
        await poller.get()  # what ended a poll that nobody had asked for
        await polled(ids[1])
        async with connect(url, open_timeout=PATIENCE) as ws:
            await ws.send("2probe")
            assert await ws.recv() == "3probe"
            await ws.send("5")
            await gateway.request(own, ids[2])
            assert (await event(ws, "service_request_updated"))["d"]["causation_id"] == ids[2]
            assert (await poller.get()).status_code == 400


async def test_one_event_on_two_channels_says_where_one_is_once(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    auth = {"token": token("admin", own), "channels": [f"ops:{own}", f"room:{own}:101"]}
    async with in_(gateway, auth) as ws:
        for _ in auth["channels"]:
            await event(ws, "subbed")
        await gateway.request(own, new_id())
        found: list[list[Any]] = []
        while len(found) < 2:
            if (text := await said(ws)).startswith('2["service_request_updated"'):
                found.append(msgspec.json.decode(text[1:]))
        assert [len(one) for one in found] == [2, 3]
        assert found[1][2] == found[1][1]["cur"] == found[0][1]["cur"]
        await ws.send(f'42["sub","department:{own}:housekeeping"]')
        while not (text := await said(ws)).startswith('2["subbed"'):
            pass
        assert len(msgspec.json.decode(text[1:])) == 2, "where one is with what the handshake named"


async def test_who_says_too_much_is_closed_and_may_come_back(gateway: Running) -> None:
    async with in_(gateway, {"token": mine()}) as ws:
        await event(ws, "welcome")
        with suppress(ConnectionClosed):
            for _ in range(1_500):
                await ws.send('42["ping"]')
        assert (await event(ws, "nack"))["code"] == "rate_limited"
        await ended(ws)


async def test_a_cookie_counts_from_our_own_pages_only_and_a_token_from_any(gateway: Running) -> None:
    cookie = {"Cookie": "concierge_session=" + token("admin", "h")}
    for origin, welcome in ((gateway.url, True), ("https://evil.example", False), ("null", False)):
        async with raw(gateway, additional_headers=cookie, origin=origin) as ws:
            await ws.send("40")
            assert ("token_missing" in await said(ws)) is not welcome
        async with raw(gateway, origin=origin) as ws:
            await ws.send("40" + msgspec.json.encode({"token": mine()}).decode())
            assert (await said(ws)).startswith('0{"sid"')
        async with gateway.web(headers=cookie | {"Origin": origin}) as web:
            answer = await web.get(PATH + "polling")
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers
            assert "set-cookie" not in answer.headers
            assert answer.headers["cache-control"] == "no-store"
    url = f"ws://127.0.0.1:{gateway.port}{PATH}websocket&token={mine()}"
    async with connect(url, open_timeout=PATIENCE) as ws, gateway.web() as web:
        await ws.send("40")
        assert "token_missing" in await said(ws), "none is taken from an URL"
        assert (await web.options(PATH + "polling", headers={"Origin": "https://x.example"})).is_success


async def test_one_too_many_takes_the_place_of_the_oldest(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    async with in_(gateway, {"token": token("admin", own)}) as oldest:
        feed = held(gateway, own)
        most = gateway.settings.person_sockets
        for number in range(most):
            other = Emitter(gateway.live, HTTPConnection({"type": "http", "headers": []}), feed._line)
            other.claims = feed.claims
            gateway.live.sockets.add(other)
            assert number < most - 1 or (await event(oldest, "nack"))["code"] == "superseded"
        await ended(oldest)
        for one in [one for one in gateway.live.sockets._open if one.claims.property_id == own]:
            gateway.live.sockets.remove(one)


async def test_who_comes_too_often_finds_it_closed_and_may_come_back(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    for _ in range(30):
        async with in_(gateway, {"token": token("admin", own)}):
            pass
    async with raw(gateway) as ws:
        await ws.send("40" + msgspec.json.encode({"token": token("admin", own)}).decode())
        await ended(ws)


async def test_too_many_channels_are_refused_and_many_again_and_again_too(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    names = [f"room:{own}:{number}" for number in range(1_001)]
    async with raw(gateway) as ws:
        await ws.send("40" + msgspec.json.encode({"token": mine(), "channels": names}).decode())
        assert "too_many_channels" in await said(ws)
    auth = {"token": token("admin", own), "channels": names[:200]}
    async with in_(gateway, auth) as ws:
        assert [(await event(ws, "subbed"))["ch"] for _ in range(200)] == names[:200]
    async with raw(gateway) as ws:
        await ws.send("40" + msgspec.json.encode(auth).decode())
        await ended(ws)


async def test_strangers_have_the_places_of_all_strangers(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = gateway.live.strangers.waiting
    async with raw(gateway) as ws, gateway.web() as web:
        await Polling(web).opens()
        await until(lambda: gateway.live.strangers.waiting >= waiting + 2, "they took no place")
        await ws.send("40" + msgspec.json.encode({"token": mine()}).decode())
        await event(ws, "welcome")
        await until(lambda: gateway.live.strangers.waiting <= waiting + 1, "one has said who it is")
        monkeypatch.setattr(gateway.live.strangers, "most", 1)
        answer = await web.get(PATH + "polling")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
        with pytest.raises(InvalidStatus):
            await raw(gateway)
        monkeypatch.undo()
        await until(lambda: gateway.live.strangers.waiting <= waiting, "the other one went")


async def test_a_poller_that_does_not_ask_is_behind_and_misses_nothing(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    thread = await opened(gateway, own)
    auth = {"token": token("admin", own, sub="mute"), "channels": [f"thread:{thread}"]}
    async with gateway.web() as web:
        poller = Polling(web)
        await poller.opens()
        await poller.post("40" + msgspec.json.encode(auth).decode())
        text = ""
        while '2["subbed"' not in text:
            text += (await poller.get()).text
        ids = await talk(gateway, own, thread, MESSAGES)
        one = held(gateway, own)
        await until(lambda: one._feed is not None and not one._feed.current, "it takes everything")
        # A turn of the gateway's reader may bring 500 records.
        assert one._out._size < gateway.settings.socket_unsent_bytes + 500 * (len(TEXT) + 1_000)
        assert one._out.qsize() < MESSAGES
        found: list[str] = []
        while len(found) < len(ids):
            for packet in (await poller.get()).text.split(SEPARATOR):
                if packet.startswith('42["new_message"'):
                    found.append(msgspec.json.decode(packet[2:])[1]["id"])
                elif packet == "2":
                    await poller.post("3")
        assert found == ids, "the log had it all, once and in order"


async def test_a_socket_that_does_not_read_is_behind_and_misses_nothing(gateway: Running) -> None:
    own = "emit" + new_id()[-6:]
    thread = await opened(gateway, own)
    auth = {"token": token("admin", own, sub="mute"), "channels": [f"thread:{thread}"]}
    async with raw(gateway, max_queue=1) as ws:
        await ws.send("40" + msgspec.json.encode(auth).decode())
        await event(ws, "subbed")
        one = held(gateway, own)

        def kept() -> int:
            assert one._out.wire is not None
            return one._out._size + one._out.wire.transport.get_write_buffer_size()

        ids = await talk(gateway, own, thread, 3 * MESSAGES)
        await until(lambda: one._feed is not None and not one._feed.current, "it takes everything")
        before = kept()
        assert before < gateway.settings.socket_unsent_bytes + 500 * (len(TEXT) + 1_000)
        ids += await talk(gateway, own, thread, MORE)
        assert await gateway.live.answers.wait(own, ids[-1], PATIENCE) is not None
        assert kept() <= before, "nothing piles up once it is behind"
        found = [(await event(ws, "new_message"))["id"] for _ in ids]
        assert found == ids, "the log had it all, once and in order"
        await ws.send('42["ping"]')
        await event(ws, "pong")
