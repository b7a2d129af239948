"""Where connections come in: only so many, and none whose request head does not come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

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


@asynccontextmanager
async def serve(
    app: web.Application,
    host: str,
    port: int,
    head_seconds: float = HEAD_SECONDS,
    connections: int = MAX_CONNECTIONS,
) -> AsyncIterator[int]:
    """Serves `app`; yields the port. Raises OSError where it is taken."""
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
        return _Full() if len(server.connections) >= connections else server()

    try:
        listening = await asyncio.get_running_loop().create_server(enter, host, port, backlog=128)
        try:
            yield listening.sockets[0].getsockname()[1]
        finally:
            listening.close()
    finally:
        await runner.cleanup()
