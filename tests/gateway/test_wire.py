"""Who does not read harms nobody: not the others, not our memory; and misses nothing once it reads on."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from gateway import wire
from gateway.socket import Socket
from gateway.wire import Wire
from schemas import topics
from schemas.codec import encode
from schemas.ids import new_id
from schemas.records.chats import ChatEvent, MessageSent, ThreadOpened
from tests.gateway.support import Client, Running, client, token
from tests.patience import until

TEXT = "x" * 4_000
MESSAGES, MORE = 700, 100
# One read of the kernel's: what may be answered before reading stops.
CHUNK_BYTES = 256 * 1024


class Mute:
    """A client of a few kB of buffer that reads only when asked to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, own: Wire) -> None:
        self.reader, self.writer, self.wire = reader, writer, own

    def send(self, opcode: int, payload: bytes) -> None:
        """A frame; the mask is zero."""
        size = len(payload)
        head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else (
            bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
        )  # fmt: skip
        self.writer.write(head + bytes(4) + payload)

    async def frame(self) -> tuple[int, bytes]:
        """(opcode, payload) of the next frame."""
        opcode, size = await self.reader.readexactly(2)
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self.reader.readexactly(8), "big")
        return opcode & 15, await self.reader.readexactly(size)

    async def hear(self) -> dict[str, Any]:
        """The next frame of the protocol."""
        while True:
            opcode, payload = await self.frame()
            if opcode == 1:
                found: dict[str, Any] = msgspec.json.decode(payload)
                return found


@asynccontextmanager
async def mute(gateway: Running, own: str, channel: str, sub: str = "mute") -> AsyncIterator[Mute]:
    """It has said hello, heard that it is subscribed, and reads no more."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", gateway.port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=32 * 1024)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /api/websocket/connection HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    hello = {"t": "hello", "v": 1, "token": token("admin", own, sub=sub), "resume": {channel: None}}
    before = set(gateway.live.sockets._open)
    one = Mute(reader, writer, None)  # type: ignore[arg-type]  # known once it is open
    one.send(1, msgspec.json.encode(hello))
    while (await one.hear())["t"] != "subbed":
        pass
    (opened,) = set(gateway.live.sockets._open) - before
    assert isinstance(opened, Socket)
    one.wire = opened._wire
    # The kernel would hold megabytes for it, how many depends on the connections before it.
    one.wire.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    try:
        yield one
    finally:
        writer.transport.abort()


async def talk(gateway: Running, own: str, thread: str, count: int, text: str = TEXT) -> list[str]:
    """So many long messages on the log, as fast as it takes them."""
    partition = topics.partition_of(own, gateway.settings.partitions)
    ids, sent = [], []
    for number in range(count):
        event = ChatEvent(
            event_id=new_id(), property_id=own, thread_id=thread, actor_id="ann", actor_role="staff",
            device_id="d", sequence=number, claimed_at=1, message_sent=MessageSent(text=text),
        )  # fmt: skip
        ids.append(event.event_id)
        value, key = encode(event), own.encode()
        sent.append(await gateway.producer.send(topics.CHATS.name, value, key, partition=partition))
    await asyncio.gather(*sent)
    return ids


async def opened(gateway: Running, own: str, members: tuple[str, ...] = ("mute", "fast")) -> str:
    """A thread that these take part in."""
    thread = new_id()
    event = ChatEvent(
        event_id=thread, property_id=own, thread_id=thread, actor_id="ann", actor_role="staff",
        device_id="d", sequence=0, claimed_at=1,
        thread_opened=ThreadOpened(kind="staff", members=list(members)),
    )  # fmt: skip
    await gateway.producer.send_and_wait(
        topics.CHATS.name, encode(event), own.encode(),
        partition=topics.partition_of(own, gateway.settings.partitions),
    )  # fmt: skip
    await until(lambda: thread in gateway.live.model.of(own).threads, "the thread was never seen")
    return thread


async def messages(one: Client, count: int) -> list[str]:
    """The ids of the next so many messages."""
    heard: list[str] = []
    while len(heard) < count:
        if (frame := await one.hear("ev"))["type"] == "new_message":
            heard.append(frame["id"])
    return heard


async def test_one_that_stops_reading_harms_nobody_and_misses_nothing(gateway: Running) -> None:
    own = "wire" + new_id()[-6:]
    thread = await opened(gateway, own)
    channel = f"thread:{thread}"
    fast = token("admin", own, sub="fast")
    async with mute(gateway, own, channel) as slow, client(gateway, fast, resume={channel: None}) as other:
        await other.hear("subbed")
        ids = await talk(gateway, own, thread, MESSAGES)
        assert await messages(other, MESSAGES) == ids, "the other one hears all, in order"
        assert not slow.wire.writable.is_set(), "more than it takes was said"
        first = slow.wire.transport.get_write_buffer_size()
        ids += await talk(gateway, own, thread, MORE)
        assert await messages(other, MORE) == ids[MESSAGES:]
        assert slow.wire.transport.get_write_buffer_size() == first, "nothing piles up once it is behind"
        slow.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        missed: list[str] = []
        while len(missed) < len(ids):
            if (frame := await slow.hear())["t"] == "ev" and frame["type"] == "new_message":
                missed.append(frame["id"])
        assert missed == ids, "the log had it all, once and in order"


async def test_a_line_is_written_to_unlooked_at_only_while_it_has_room_and_stays(gateway: Running) -> None:
    own = "wire" + new_id()[-6:]
    thread = await opened(gateway, own)
    async with mute(gateway, own, f"thread:{thread}") as one:
        (held,) = [s for s in gateway.live.sockets._open if s.claims.property_id == own]
        assert isinstance(held, Socket)
        feed = held._feed
        assert feed is not None

        def straight() -> bool:
            return feed.straight is not None

        assert straight()
        await talk(gateway, own, thread, MESSAGES)
        await until(lambda: not one.wire.writable.is_set(), "it takes everything")
        assert not straight()
        await until(lambda: not feed.current, "what has no room is read from the log")
        one.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        heard = 0
        while heard < MESSAGES:
            heard += (await one.hear())["t"] == "ev"
        await until(straight, "it has room again")
        feed.claims = replace(feed.claims, role="guest")
        held.straighten()
        assert not straight(), "not all that is said is for a guest"
        feed.claims = held.claims
        held.straighten()
        assert straight()
        one.send(8, (1000).to_bytes(2, "big"))
        await until(lambda: not straight(), "it left")


async def test_pings_of_one_that_never_reads_stay_its_own(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gateway.live.limits.rates, "frame", (1.0, 1e9))
    own = "wire" + new_id()[-6:]
    async with mute(gateway, own, f"property:{own}") as one:
        while one.wire.writable.is_set():
            for _ in range(1_000):
                one.send(9, bytes(125))
            await asyncio.sleep(0)
        for _ in range(20_000):
            one.send(9, bytes(125))
        assert one.wire.read_paused
        high = gateway.settings.socket_unsent_bytes // 2
        assert one.wire.transport.get_write_buffer_size() < high + CHUNK_BYTES
        one.send(1, b'{"t":"ping"}')
        while (await one.hear())["t"] != "pong":
            pass
        assert one.wire.writable.is_set(), "it read on, and was read"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x89\x80" + bytes(4), 4029),  # pings
        (b"\x8a\x80" + bytes(4), 4029),  # pongs that nobody asked for
        (b"\x01\x80" + bytes(4) + 10_000 * (b"\x00\x80" + bytes(4)), 4400),  # empty pieces of one message
        (
            b"\x01\x80" + bytes(4) + 140 * (b"\x00\xfe\x04\x00" + bytes(4 + 1024)),
            4413,
        ),  # pieces, too many bytes
    ],
)
async def test_frames_without_end_end(gateway: Running, frame: bytes, code: int) -> None:
    own = "wire" + new_id()[-6:]
    async with client(gateway, token()) as other, mute(gateway, own, f"property:{own}") as one:
        await other.hear("welcome")
        one.writer.write(frame * (10_000 if len(frame) < 10 else 1))
        with suppress(asyncio.IncompleteReadError, ConnectionResetError):
            while (said := await one.frame())[0] != 8:
                pass
        assert (said[0], int.from_bytes(said[1][:2], "big")) == (8, code)
        assert one.wire.frames == [], "nothing of it is kept"
        await other.say("ping")
        await other.hear("pong")


async def test_nobody_is_given_compression_and_what_comes_compressed_is_no_frame(gateway: Running) -> None:
    async with gateway.socket() as ws:  # this client offers permessage-deflate
        assert ws.request is not None
        assert ws.response is not None
        assert "permessage-deflate" in ws.request.headers["Sec-WebSocket-Extensions"]
        assert "Sec-WebSocket-Extensions" not in ws.response.headers
        await Client(ws).say("hello", v=1, token=token())
        await Client(ws).hear("welcome")
        bomb = zlib.compress(bytes(10_000_000))
        head = b"\xc1\xfe" + len(bomb).to_bytes(2, "big")
        ws.transport.write(head + bytes(4) + bomb)
        await ws.wait_closed()
        assert ws.close_code == 1002


def _heard(gateway: Running, own: str) -> list[str]:
    """The channels of this hotel that somebody listens to."""
    return [channel for hotel, channel in gateway.live.hub._channels if hotel == own]


async def test_a_hundred_thousand_subscriptions_are_two_hundred(gateway: Running) -> None:
    own = "wire" + new_id()[-6:]
    async with client(gateway, token("admin", own, sub="greedy")) as one:
        await one.hear("welcome")
        with suppress(ConnectionClosed):
            for start in range(0, 100_000, 100):
                frames = [{"t": "sub", "ch": f"room:{own}:{start + n}"} for n in range(100)]
                await one.ws.send(msgspec.json.encode(frames).decode())
                assert len(_heard(gateway, own)) <= gateway.settings.socket_channels
            await one.hear("never")
        assert one.ws.close_code == 4029
        await until(lambda: not _heard(gateway, own), "some listen though nobody is there")


async def test_one_that_reads_no_goodbye_is_cut(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CUT_SECONDS", 0.05)
    own = "wire" + new_id()[-6:]
    thread = await opened(gateway, own)
    async with mute(gateway, own, f"thread:{thread}") as one:
        await talk(gateway, own, thread, MESSAGES)
        await until(lambda: not one.wire.writable.is_set(), "it takes everything")
        (held,) = [s for s in gateway.live.sockets._open if s.claims.property_id == own]
        held.shut(4403, "revoked")
        await until(lambda: one.wire.disconnected, "it is held for ever")
        assert held not in gateway.live.sockets._open


async def test_a_frame_beyond_all_bounds_is_too_large_and_others_go_on(gateway: Running) -> None:
    async with client(gateway, token()) as other:
        await other.hear("welcome")
        async with gateway.socket() as ws:
            await Client(ws).say("hello", v=1, token=token())
            await Client(ws).hear("welcome")
            with suppress(ConnectionClosed):
                await ws.send("x" * 3_000_000)
            await ws.wait_closed()
            assert ws.close_code == 4413
        await other.say("ping")
        await other.hear("pong")
