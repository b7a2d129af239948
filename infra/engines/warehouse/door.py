"""Where connections come in: only so many, and none whose request head does not come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from infra.engines.warehouse.config import READER

# As a server's http_max_uri_size. Heads are held before anybody has shown a password: all that can be is
# 2 MiB for each connection.
MAX_URI_BYTES = 1 << 20
MAX_HEADER_BYTES = 1 << 14
MAX_HEADERS = 64
# From the connection's begin, or its last answer, to the end of the next head, however many bytes of it come;
# so also how long a connection may idle, as a server's keep_alive_timeout.
HEAD_SECONDS = 30.0
# Each takes a file descriptor, of which a process often has 1024, and the engine needs its own.
MAX_CONNECTIONS = 256

_SORRY = b"Code: 210. DB::Exception: Too many connections: try again in a moment. (NETWORK_ERROR)\n"
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=UTF-8\r\n"
    b"X-ClickHouse-Exception-Code: 210\r\nContent-Length: %d\r\n\r\n%s" % (len(_SORRY), _SORRY)
)


class _Full(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(_FULL)
        transport.close()


class Places:
    """Who sits where. A stranger has shown no password yet, and goes where all are taken and somebody comes.

    So silence keeps nobody out. Readers get three quarters: the writer finds a place whatever they do.
    """

    def __init__(self, most: int = MAX_CONNECTIONS) -> None:
        self._most = most
        self._roles: dict[object, str] = {}

    def take(self, connection: object, role: str) -> bool:
        """This connection is of a user with this role; False if it is one of a reader too many."""
        others = sum(one == READER for other, one in self._roles.items() if other is not connection)
        if role == READER and others >= self._most * 3 // 4:
            return False
        self._roles[connection] = role
        return True

    def free(self, taken: Sequence[web.RequestHandler]) -> bool:
        """Whether there is a place beside those `taken`, the oldest first: if need be, a stranger's."""
        here = set(taken)
        self._roles = {one: role for one, role in self._roles.items() if one in here}
        taken = [one for one in taken if one.transport is not None and not one.transport.is_closing()]
        if len(taken) < self._most:
            return True
        stranger = next((one for one in taken if one not in self._roles), None)
        if stranger is not None:
            stranger.force_close()
        return stranger is not None


@asynccontextmanager
async def serve(
    app: web.Application,
    host: str,
    port: int,
    places: Places,
    head_seconds: float = HEAD_SECONDS,
) -> AsyncIterator[int]:
    """Serves `app` to those who find a place; yields the port. Raises OSError where it is taken."""
    runner = web.AppRunner(
        app,
        handle_signals=False,
        handler_cancellation=True,
        auto_decompress=False,
        access_log=None,
        max_line_size=MAX_URI_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
        keepalive_timeout=head_seconds,
        shutdown_timeout=1,
    )
    await runner.setup()
    server = runner.server
    assert server is not None

    def enter() -> asyncio.Protocol:
        return server() if places.free(server.connections) else _Full()

    try:
        listening = await asyncio.get_running_loop().create_server(enter, host, port, backlog=128)
        try:
            yield listening.sockets[0].getsockname()[1]
        finally:
            listening.close()
    finally:
        await runner.cleanup()
