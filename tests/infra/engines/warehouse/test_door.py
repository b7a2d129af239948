from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from infra.engines.warehouse import door

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def app(seen: list[str]) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(text="here")

    made = web.Application()
    made.router.add_get("/", answer)
    return made


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split()[0])
    return head.split(b"\r\n")[0] + b" " + await reader.readexactly(length)


@pytest.mark.parametrize("answered", [0, 1])
async def test_a_head_that_does_not_end_is_cut(answered: int) -> None:
    seen: list[str] = []
    async with door.serve(app(seen), "127.0.0.1", 0, head_seconds=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(answered):
            writer.write(HEAD)
            assert await _answer(reader) == b"HTTP/1.1 200 OK here"
        end = asyncio.create_task(reader.read())
        writer.write(b"GET / HTTP/1.1\r\n")
        while not end.done():  # as long as it is not cut, a byte comes: silence is not what ends it
            writer.write(b"X")
            await asyncio.wait([end], timeout=0.1)
        writer.close()
        assert len(seen) == answered


async def test_a_connection_too_many_is_told_so() -> None:
    async with door.serve(app([]), "127.0.0.1", 0, connections=2) as port:
        first = await asyncio.open_connection("127.0.0.1", port)
        second = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await reader.read()).startswith(b"HTTP/1.1 503")
        writer.close()
        second[1].write(HEAD)
        assert await _answer(second[0]) == b"HTTP/1.1 200 OK here"
        first[1].close()
        while True:  # until the server has seen that it is gone
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD)
            said = await _answer(reader)
            writer.close()
            if said == b"HTTP/1.1 200 OK here":
                break
        second[1].close()


async def test_a_taken_port_is_an_error_before_anything_else() -> None:
    async with door.serve(app([]), "127.0.0.1", 0) as port:
        with pytest.raises(OSError, match="in use"):
            async with door.serve(app([]), "127.0.0.1", port):
                pass


@pytest.mark.parametrize("headers", [b"X: " + b"a" * (1 << 15) + b"\r\n", b"X: a\r\n" * 100])
async def test_heads_are_bounded(headers: bytes) -> None:
    async with door.serve(app([]), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()
