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
    async with door.serve(app(seen), "127.0.0.1", 0, door.Places(), head_seconds=1) as port:
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


async def test_a_stranger_goes_where_somebody_comes() -> None:
    places = door.Places(4)
    async with door.serve(known(places), "127.0.0.1", 0, places) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        assert await _ask(port, "writer") == b"HTTP/1.1 200 OK here"
        assert [await reader.read() for reader, _ in silent[:16]] == [b""] * 16
        for _, writer in silent:
            writer.close()


async def test_readers_leave_the_writer_a_connection() -> None:
    places = door.Places(4)
    async with door.serve(known(places), "127.0.0.1", 0, places) as port:
        kept: list[asyncio.StreamWriter] = []
        assert [await _ask(port, "reader", kept) for _ in range(3)] == [b"HTTP/1.1 200 OK here"] * 3
        assert (await _ask(port, "reader", kept)).startswith(b"HTTP/1.1 503")
        assert await _ask(port, "writer", kept) == b"HTTP/1.1 200 OK here"
        assert (await _ask(port, "writer", kept)).startswith(b"HTTP/1.1 503"), "all four are of users"
        kept[0].close()
        while await _ask(port, "reader", kept) != b"HTTP/1.1 200 OK here":  # until it is seen to be gone
            pass
        for writer in kept:
            writer.close()


def known(places: door.Places) -> web.Application:
    """Knows users by the path alone."""

    async def answer(request: web.Request) -> web.Response:
        taken = places.take(request.protocol, request.path[1:])
        return web.Response(text="here", status=200 if taken else 503)

    made = web.Application()
    made.router.add_get("/{user}", answer)
    return made


async def _ask(port: int, user: str, kept: list[asyncio.StreamWriter] | None = None) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /{user} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    said = await _answer(reader)
    if kept is None or not said.startswith(b"HTTP/1.1 200"):
        writer.close()
    else:
        kept.append(writer)
    return said


async def test_a_taken_port_is_an_error_before_anything_else() -> None:
    async with door.serve(app([]), "127.0.0.1", 0, door.Places()) as port:
        with pytest.raises(OSError, match="in use"):
            async with door.serve(app([]), "127.0.0.1", port, door.Places()):
                pass


@pytest.mark.parametrize("headers", [b"X: " + b"a" * (1 << 15) + b"\r\n", b"X: a\r\n" * 100])
async def test_heads_are_bounded(headers: bytes) -> None:
    async with door.serve(app([]), "127.0.0.1", 0, door.Places()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()
