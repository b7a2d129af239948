"""A request's body: read with back-pressure, decoded, bounded; and multipart forms taken apart."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from email.parser import HeaderParser

from aiohttp import web

from infra.engines.warehouse.codings import Decoder, Plain, decoder
from infra.engines.warehouse.errors import ClickHouseError, bad_argument, too_large
from infra.engines.warehouse.frames import FrameDecoder

# A client that sends nothing for so long has gone (a server's http_receive_timeout).
STALL_SECONDS = 30
# A query or a form comes at least so fast, on the whole. An INSERT's rows may come as they happen.
PACE_BYTES = 1 << 13
_READ = 1 << 18
MAX_PARTS = 500
# What a part may say about itself.
MAX_HEAD_BYTES = 1 << 13


class Pace:
    """How long the next byte may take: `stall` seconds, and `rate` bytes a second on the whole."""

    def __init__(self, stall: float = STALL_SECONDS, rate: int = PACE_BYTES) -> None:
        self._stall, self._rate = stall, rate
        self._began, self._free = time.monotonic(), False

    def free(self) -> None:
        """From now on it is enough that bytes come at all."""
        self._free = True

    def seconds(self, seen: int) -> float:
        """What is left after `seen` bytes."""
        if self._free:
            return self._stall
        return min(self._stall, self._began + self._stall + seen / self._rate - time.monotonic())


async def chunks(
    request: web.Request, limit: int, pace: Pace, pool: Executor | None, framed: bool = False
) -> AsyncIterator[bytes]:
    """The plain bytes of the body, at most `limit`, coded or plain. Raises ClickHouseError.

    What is coded is decoded in `pool`; None: the loop's own. `framed`: ClickHouse's compressed blocks.
    """
    seen = plain = 0

    def grow(count: int) -> None:
        nonlocal plain
        plain += count
        if plain > limit:
            raise too_large(f"The decompressed body is larger than {limit >> 10} KiB: send smaller batches.")

    if (request.content_length or 0) > limit:
        raise too_large(f"The body is larger than {limit >> 10} KiB: send smaller batches.")
    coding = decoder(request.headers.get("Content-Encoding", ""), grow)
    frames: Decoder | None = FrameDecoder(grow) if framed else None
    coded = framed or not isinstance(coding, Plain)

    def feed(chunk: bytes) -> list[bytes]:
        pieces = coding.feed(chunk)
        return [plain for piece in pieces for plain in frames.feed(piece)] if frames else pieces

    async def decode(chunk: bytes) -> list[bytes]:
        return await asyncio.get_running_loop().run_in_executor(pool, feed, chunk)

    while True:
        try:
            async with asyncio.timeout(pace.seconds(seen)):
                chunk = await request.content.read(_READ)
        except TimeoutError:
            raise ClickHouseError(
                209, "SOCKET_TIMEOUT", "The body stopped, or comes too slowly.", 408
            ) from None
        if not chunk:
            break
        seen += len(chunk)
        if seen > limit:
            raise too_large(f"The body is larger than {limit >> 10} KiB: send smaller batches.")
        for piece in await decode(chunk) if coded else [chunk]:
            yield piece
    coding.finish()
    if frames:
        frames.finish()


class Held:
    """Bytes of forms that wait in memory for their turn, of all requests together."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0

    @contextlib.contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """A request's part: called with each count of bytes, given back at the end.

        Raises ClickHouseError 241 where all have too many.
        """
        own = 0

        def take(count: int) -> None:
            nonlocal own
            if self._held + count > self._limit:
                text = f"Forms of all requests may hold {self._limit >> 20} MiB: try again in a moment."
                raise ClickHouseError(241, "MEMORY_LIMIT_EXCEEDED", text, 503)
            own += count
            self._held += count

        try:
            yield take
        finally:
            self._held -= own


class Form:
    """A multipart form: `fields` as text, `files` as bytes, by name."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.files: dict[str, bytes] = {}


async def form(
    request: web.Request, limit: int, pace: Pace, pool: Executor | None, take: Callable[[int], None]
) -> Form:
    """The form in the body, taken apart in `pool`; `take` is told of every byte.

    Raises ClickHouseError 36 where it is malformed.
    """
    boundary = _boundary(request)
    body = bytearray()
    async for chunk in chunks(request, limit, pace, pool):
        take(len(chunk))
        body += chunk
    return await asyncio.get_running_loop().run_in_executor(pool, _form, body, boundary)


def _form(body: bytearray, boundary: str) -> Form:
    found = Form()
    parts = bytes(b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise bad_argument("The multipart body ends too early.")
    if len(parts) > MAX_PARTS:
        raise bad_argument(f"The multipart body has more than {MAX_PARTS} parts.")
    for part in parts[1:-1]:
        head, separator, data = part.partition(b"\r\n\r\n")
        if len(head) > MAX_HEAD_BYTES:
            raise bad_argument(
                f"A part of the multipart body has a head of more than {MAX_HEAD_BYTES} bytes."
            )
        disposition = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip())
        name = disposition.get_param("name", header="content-disposition")
        if not separator or not isinstance(name, str):
            raise bad_argument("A part of the multipart body has no name.")
        if disposition.get_param("filename", header="content-disposition") is None:
            found.fields[name] = data.decode("utf-8", "replace")
        else:
            found.files[name] = data
    return found


def _boundary(request: web.Request) -> str:
    message = HeaderParser().parsestr(f"Content-Type: {request.headers.get('Content-Type', '')}\n")
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 70:
        raise bad_argument("The multipart body has no boundary.")
    return boundary
