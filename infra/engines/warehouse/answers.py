"""A job's bytes as an HTTP answer: whole where small, chunked where not, honest where it breaks."""

from __future__ import annotations

import asyncio
import json
import secrets
import string
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import IO

from aiohttp import web

from infra.engines.warehouse.asks import Ask
from infra.engines.warehouse.codings import Encoder, encoder
from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.formats import content_type
from infra.engines.warehouse.frames import FrameEncoder
from infra.engines.warehouse.jobs import Summary
from infra.engines.warehouse.pipes import Outlet

# As a server's: until so many bytes are there, an error still gets a status of its own.
HOLD_BYTES = 1 << 20
# With wait_end_of_query more than this waits in a file.
SPOOL_BYTES = 8 << 20
# And more than this is not for waiting: the disk is everybody's.
MAX_SPOOL_BYTES = 1 << 30
# A client that takes nothing for so long has gone.
STALL_SECONDS = 300
_TAG_LETTERS = string.ascii_lowercase


class _Coded:
    """An encoder that works beside the event loop."""

    def __init__(self, pool: Executor, name: str, encoder: Encoder) -> None:
        self.name, self._pool, self._encoder = name, pool, encoder

    async def feed(self, chunk: bytes) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._encoder.feed, chunk)

    async def finish(self) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._encoder.finish)


def headers(ask: Ask, fmt: str, summary: Summary) -> dict[str, str]:
    """What an answer says about itself."""
    said = {
        "read_rows": summary.read_rows,
        "read_bytes": summary.read_bytes,
        "written_rows": summary.written_rows,
        "written_bytes": summary.written_bytes,
        "total_rows_to_read": summary.read_rows,
        "result_rows": summary.written_rows,
        "result_bytes": summary.written_bytes,
        "elapsed_ns": summary.elapsed_ns,
    }
    return {
        "Content-Type": content_type(fmt),
        "X-ClickHouse-Summary": json.dumps({key: str(value) for key, value in said.items()}),
        "X-ClickHouse-Query-Id": _header(ask.query_id),
        "X-ClickHouse-Format": _header(fmt),
        "X-ClickHouse-Timezone": _header(ask.settings.get("session_timezone") or "UTC"),
        "X-ClickHouse-Server-Display-Name": "warehouse",
    }


def failure(problem: ClickHouseError, version: str, query_id: str = "") -> web.Response:
    """An error before any byte of the answer."""
    told = {"X-ClickHouse-Exception-Code": str(problem.code), "X-ClickHouse-Server-Display-Name": "warehouse"}
    if query_id:
        told["X-ClickHouse-Query-Id"] = _header(query_id)
    if problem.status == 401:
        told["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
    return web.Response(
        status=problem.status,
        text=problem.report(version),
        headers=told,
        content_type="text/plain",
        charset="UTF-8",
    )


async def answer(
    request: web.Request, ask: Ask, fmt: str, outlet: Outlet, summary: Summary, pool: Executor, version: str
) -> web.StreamResponse:
    """Sends the whole answer, coded in `pool`. Raises ClickHouseError while nothing is sent yet."""
    found = encoder(request.headers.get("Accept-Encoding", "")) if ask.encode else None
    if ask.compress:
        found = ("", FrameEncoder())
    coded = _Coded(pool, *found) if found else None
    if ask.wait_end:
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
            while (chunk := await outlet.get()) is not None:
                if spool.tell() > MAX_SPOOL_BYTES:
                    raise ClickHouseError(
                        396,
                        "TOO_MANY_ROWS_OR_BYTES",
                        f"wait_end_of_query is for answers up to {MAX_SPOOL_BYTES >> 20} MiB: leave it out.",
                    )
                await asyncio.to_thread(spool.write, chunk) if spool.tell() > SPOOL_BYTES else spool.write(
                    chunk
                )
            size = spool.tell()
            spool.seek(0)
            if size <= SPOOL_BYTES:
                return await _whole(ask, fmt, summary, [spool.read()], coded)
            return await _stream(request, ask, fmt, [], _read(spool), summary, coded, version)
    held: list[bytes] = []
    size = 0
    while size < HOLD_BYTES:
        chunk = await outlet.get()
        if chunk is None:
            return await _whole(ask, fmt, summary, held, coded)
        held.append(chunk)
        size += len(chunk)
    return await _stream(request, ask, fmt, held, _rest(outlet), summary, coded, version)


async def _whole(
    ask: Ask, fmt: str, summary: Summary, held: list[bytes], coded: _Coded | None
) -> web.Response:
    told = headers(ask, fmt, summary)
    body = b"".join(held)
    if coded is not None and body:
        if coded.name:
            told["Content-Encoding"] = coded.name
        body = await coded.feed(body) + await coded.finish()
    return web.Response(body=body, headers=told)


async def _stream(
    request: web.Request,
    ask: Ask,
    fmt: str,
    held: list[bytes],
    rest: AsyncIterator[bytes],
    summary: Summary,
    coded: _Coded | None,
    version: str,
) -> web.StreamResponse:
    told = headers(ask, fmt, summary)
    tag = "".join(secrets.choice(_TAG_LETTERS) for _ in range(16))
    told["X-ClickHouse-Exception-Tag"] = tag
    if coded is not None and coded.name:
        told["Content-Encoding"] = coded.name
    response = web.StreamResponse(headers=told)
    response.enable_chunked_encoding()
    await response.prepare(request)

    async def send(chunk: bytes) -> None:
        chunk = await coded.feed(chunk) if coded else chunk
        if chunk:
            async with asyncio.timeout(STALL_SECONDS):
                await response.write(chunk)

    try:
        for chunk in held:
            await send(chunk)
        held.clear()
        async for chunk in rest:
            await send(chunk)
    except ClickHouseError as problem:
        await send(_last_words(problem, tag, version))
        if coded:
            await response.write(await coded.finish())
        # Without the last chunk's mark, no client takes what it got for the whole.
        if request.transport is not None:
            request.transport.close()
        return response
    if coded:
        await response.write(await coded.finish())
    await response.write_eof()
    return response


def _last_words(problem: ClickHouseError, tag: str, version: str) -> bytes:
    message = problem.report(version).encode()
    head = f"\r\n__exception__\r\n{tag}\r\n".encode()
    return head + message + f"{len(message)} {tag}\r\n__exception__\r\n".encode()


async def _rest(outlet: Outlet) -> AsyncIterator[bytes]:
    while True:
        chunk = await outlet.get()
        if chunk is None:
            return
        yield chunk


async def _read(spool: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(spool.read, HOLD_BYTES):
        yield chunk


def _header(value: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in value)[:200]
