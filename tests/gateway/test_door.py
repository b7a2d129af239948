"""What comes before a body is bounded, in bytes and in time."""

from __future__ import annotations

import asyncio

import pytest

from gateway import door
from gateway.door import MAX_HEAD_BYTES
from tests.gateway.support import Running
from tests.patience import patience


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
