"""uvicorn's HTTP protocol with a bound on what comes before the first byte of a body: size and time.

httptools keeps a request line and headers of any length; nothing else here would ever stop it.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Browsers send 1 or 2 KiB, our longest token is 8 KiB.
MAX_HEAD_BYTES = 32 * 1024
HEAD_SECONDS = 10.0
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Door(HttpToolsProtocol):
    """A connection until its headers are in."""

    _head = 0
    _whole = False
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The clock runs from here."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """No more to wait for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts until the headers are whole."""
        super().data_received(data)
        self._head += len(data)
        if not self._whole and self._head > MAX_HEAD_BYTES:
            self._refuse(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins, also on a connection that is kept alive."""
        super().on_message_begin()
        self._head, self._whole = 0, False
        self._wait()

    def on_headers_complete(self) -> None:
        """From here on the body's own bounds hold."""
        self._whole = True
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self, answer: bytes) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            if self._head:  # browsers open connections to spare; nobody waits for a word on those
                self.transport.write(answer)
            self.transport.close()
