"""What comes before a body is bounded, in bytes and in time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import REGISTRY
from websockets.exceptions import InvalidMessage, InvalidStatus

from gateway import door
from gateway.buckets import Buckets
from gateway.client import Client as RealClient
from gateway.door import MAX_HEAD_BYTES, MAX_PIPELINED, Door
from schemas.ids import new_id
from tests.gateway.support import Client, Running, running, token
from tests.patience import patience, until

STOP = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def answer(gateway: Running, *parts: bytes) -> bytes:
    """All that comes back for these bytes until the gateway closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        async with patience():
            return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


@pytest.mark.parametrize(
    "endless", [b"GET /" + b"a" * 9_000, b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000, b"GET / HTTP/1.1\r\n"]
)
async def test_a_head_without_end_is_refused(gateway: Running, endless: bytes) -> None:
    more = (b"X: " + b"a" * 5_000 + b"\r\n") if endless.endswith(b"\n") else b"a" * 8_000
    # Unread bytes may reset the connection before the answer is read.
    found = await answer(gateway, endless, *[more] * 200)
    assert found == b"reset" or b" 431 " in found
    async with gateway.web() as web:
        assert (await web.get("/healthz")).status_code == 200
        fits = {"X": "a" * (MAX_HEAD_BYTES // 2)}
        assert (await web.get("/healthz", headers=fits)).status_code == 200


async def test_one_that_never_ends_its_head_is_sent_away(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(door, "HEAD_SECONDS", 0.05)
        assert b" 408 " in await answer(gateway, b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert await answer(gateway) == b"", "nobody asked anything"
    async with gateway.web() as web:
        assert (await web.get("/healthz")).status_code == 200


@asynccontextmanager
async def deaf(gateway: Running) -> AsyncIterator[asyncio.StreamWriter]:
    """A connection with little room that reads nothing."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", gateway.port))
    _, writer = await asyncio.open_connection(sock=raw, limit=1)
    try:
        yield writer
    finally:
        writer.transport.abort()


async def test_one_that_takes_no_answer_is_cut(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "STALLED_SECONDS", 0.05)
    cut: list[Door] = []
    real = Door._cut

    def noted(one: Door) -> None:
        real(one)
        if one.transport.is_closing():
            cut.append(one)

    monkeypatch.setattr(Door, "_cut", noted)
    asked = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    monkeypatch.setattr(door, "MAX_PIPELINED", 1_000)
    async with deaf(gateway) as writer:
        writer.write(asked * 1_000)  # the kernel takes megabytes before anything piles up here
        await until(lambda: cut, "it is written to for ever")
        await until(lambda: cut[0].transport.get_write_buffer_size() == 0, "it is still kept")
    async with gateway.web() as web:
        assert (await web.get("/healthz")).status_code == 200


async def test_requests_behind_one_that_is_not_answered_are_bounded(gateway: Running) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    assert (await answer(gateway, asked * MAX_PIPELINED + STOP)).count(b" 200 ") == MAX_PIPELINED + 1
    found = await answer(gateway, asked * 20_000 + STOP)
    assert found == b"reset" or found.count(b" 200 ") < MAX_PIPELINED
    async with gateway.web() as web:
        assert (await web.get("/healthz")).status_code == 200


def few(gateway: Running, monkeypatch: pytest.MonkeyPatch, *, knocks: float) -> None:
    """From now on an address may knock so often, and no more comes back."""
    monkeypatch.setattr(gateway.live.strangers, "_rate", (0.001, knocks))
    monkeypatch.setattr(gateway.live.strangers, "_knocks", Buckets())


def from_there() -> httpx.AsyncHTTPTransport:
    """Another address of this machine."""
    return httpx.AsyncHTTPTransport(local_address="127.0.0.2")


async def test_who_knocks_too_often_gets_no_further_than_the_door(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("somebody looked at a signature")

    few(gateway, monkeypatch, knocks=2)
    monkeypatch.setattr(gateway.live.keys, "verified", never)
    forged = {"Authorization": "Bearer forged", "X-Forwarded-For": "198.51.100.1"}
    async with gateway.web() as web:
        for _ in range(5):
            assert (await web.get("/healthz")).status_code == 200, "one connection knocks once"
    async with gateway.socket():
        pass
    with pytest.raises(InvalidStatus) as no:
        await gateway.socket(additional_headers=forged)
    assert no.value.response.status_code == 429
    assert int(no.value.response.headers["Retry-After"]) > 0
    async with gateway.web(headers=forged) as web:
        refused = await web.get("/api/rooms")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) > 0
    assert "retry-after" in refused.headers["Access-Control-Expose-Headers"]
    async with gateway.web(transport=from_there()) as web:
        assert (await web.get("/healthz")).status_code == 200, "another address is another matter"


async def test_a_handshake_counts_on_a_connection_that_is_kept_too(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(gateway, monkeypatch, knocks=1)
    asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    upgrade = (
        b"GET /api/websocket/connection HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for request, status in ((asked, b"200"), (asked, b"200"), (upgrade, b"429")):
        writer.write(request)
        async with patience():
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 " + status)
            size = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
            await reader.readexactly(int(size.split(b":")[1]))
    assert await reader.read() == b""
    writer.close()


async def test_a_client_that_was_refused_comes_back_by_itself(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> float:
        return REGISTRY.get_sample_value("concierge_strangers_refused_total", {"why": "knocks"}) or 0.0

    few(gateway, monkeypatch, knocks=0.5)
    own, before = "door" + new_id()[-6:], refused()
    async with RealClient(gateway.url, token("manager", own)) as hotel:
        hearing = asyncio.create_task(hotel.sub(f"ops:{own}"))
        await until(lambda: refused() >= before + 2, "it gave up")
        assert not hearing.done()
        few(gateway, monkeypatch, knocks=10)
        async with patience():
            await hearing


async def test_a_proxy_that_is_trusted_says_who_knocks(kafka: str) -> None:
    rate = {"address_handshakes_per_s": 0.001, "address_handshakes_burst": 1}
    async with running(kafka, trusted_proxies="127.0.0.1", **rate) as gateway:

        async def status(said: str, **more: object) -> int:
            async with gateway.web(headers={"X-Forwarded-For": said}, **more) as web:
                return (await web.get("/healthz")).status_code

        assert await status("198.51.100.1") == 200
        assert await status("203.0.113.9, 198.51.100.1") == 429, "what the client wrote before it is not read"
        assert await status("198.51.100.2") == 200
        assert await status("2001:db8::1") == 200
        assert await status("2001:db8::2") == 429
        assert await status("198.51.100.3", transport=from_there()) == 200
        assert await status("198.51.100.4", transport=from_there()) == 429, (
            "a stranger speaks for itself only"
        )


async def test_thousands_that_say_nothing_leave_room_for_others(gateway: Running) -> None:
    """A thousand of one address are held, each for ten seconds at most; all others are gone at once."""
    known, silent = gateway.live.strangers, []
    before = known.waiting
    try:
        for _ in range(10):
            opened = await asyncio.gather(
                *[asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(known.most_of_one // 5)]
            )
            silent += [writer for _, writer in opened]
        await until(lambda: known.waiting >= known.most_of_one, "they were not counted")
        assert known.waiting <= before + known.most_of_one
        found = await answer(gateway)
        assert found == b"reset" or (b" 503 " in found and b"retry-after: 2" in found.lower())
        async with gateway.web(transport=from_there()) as web:
            assert (await web.get("/healthz")).status_code == 200
    finally:
        for writer in silent:
            writer.transport.abort()
    await until(lambda: known.waiting <= before, "who is gone still waits")


async def test_sockets_that_say_no_hello_are_bounded(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: not gateway.live.strangers.waiting)
    monkeypatch.setattr(gateway.live.strangers, "most_of_one", 3)
    async with gateway.socket(), gateway.socket() as second:
        await until(lambda: gateway.live.strangers.waiting == 2)
        async with gateway.socket():
            with pytest.raises((InvalidStatus, InvalidMessage, ConnectionError)):
                await gateway.socket()
            async with gateway.socket(local_addr=("127.0.0.2", 0)):
                pass
        await until(lambda: gateway.live.strangers.waiting == 2)
        await Client(second).say("hello", v=1, token=token())
        await Client(second).hear("welcome")
        assert gateway.live.strangers.waiting == 1, "who said hello waits no more"
    await until(lambda: not gateway.live.strangers.waiting)


async def test_a_handshake_beyond_those_that_wait_is_told_when_to_come_back(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: not gateway.live.strangers.waiting)
    # The connection itself is one of them until its head is in, and it is the socket that is one too many.
    monkeypatch.setattr(gateway.live.strangers, "most_of_one", 0)
    monkeypatch.setattr(Door, "_address", None)
    with pytest.raises(InvalidStatus) as no:
        await gateway.socket()
    assert (no.value.response.status_code, no.value.response.headers["Retry-After"]) == (503, "2")
    assert not gateway.live.strangers.waiting
