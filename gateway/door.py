"""uvicorn's HTTP protocol with bounds: on what comes before a body, and on who does not read its answers.

httptools keeps a request line and headers of any length; uvicorn keeps any number of requests behind one that
is not answered yet, and for ever what nobody takes.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.addresses import client_of, group, trusted
from gateway.errors import Refused
from gateway.headers import SecurityHeaders
from gateway.refusals import answer
from gateway.state import State

# Browsers send 1 or 2 KiB, our longest token is 8 KiB.
MAX_HEAD_BYTES = 32 * 1024
HEAD_SECONDS = 10.0
# Of one read of the kernel's, which may hold 9,000 requests: so much is taken, then it is looked at.
PIECE_BYTES = 8 * 1024
# Requests behind one that is not answered yet; browsers send none, and 8 KiB may hold 300.
MAX_PIPELINED = 32
# Longer than anybody who reads at all needs for 64 KiB. As on a socket.
STALLED_SECONDS = 60.0
TOO_LARGE = Refused(431, "too_large", f"The head of a request is larger than {MAX_HEAD_BYTES} bytes.")
TOO_SLOW = Refused(408, "too_slow", f"The head of a request took longer than {HEAD_SECONDS:.0f} s.")


class Door(HttpToolsProtocol):
    """A connection that speaks HTTP, until it is a socket's."""

    _head = 0
    _whole = False
    _waiting: asyncio.TimerHandle | None = None
    _knocked = False
    _no: Refused | None = None
    _stalled: asyncio.TimerHandle | None = None

    @property
    def _live(self) -> State:
        live: State = self.app_state["live"]
        return live

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The clock runs from here."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """No more to wait for."""
        self._stop_waiting()
        self._reads()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts until the headers are whole."""
        for start in range(0, len(data), PIECE_BYTES):
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            piece = data[start : start + PIECE_BYTES]
            super().data_received(piece)
            self._head += len(piece)
            if not self._whole and self._head > MAX_HEAD_BYTES:
                self._refuse(TOO_LARGE)
            elif len(self.pipeline) > MAX_PIPELINED:
                self._close()  # without a word, which would lie amid an answer

    def pause_writing(self) -> None:
        """What it is sent piles up here."""
        super().pause_writing()
        self._does_not_read()

    def resume_writing(self) -> None:
        """It reads on."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._reads()

    def on_response_complete(self) -> None:
        """The answer is written, and perhaps not taken."""
        super().on_response_complete()
        self._left_behind()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more is asked."""
        super().timeout_keep_alive_handler()
        self._left_behind()

    def on_message_begin(self) -> None:
        """A request begins, also on a connection that is kept alive."""
        super().on_message_begin()
        if not self.flow.write_paused:
            self._reads()
        self._head, self._whole = 0, False
        self._wait()

    def on_headers_complete(self) -> None:
        """From here on the body's own bounds hold. Who knocks too often gets no further than this."""
        self._whole = True
        self._stop_waiting()
        self._no = self._no or self._knock()
        self.app = self.config.loaded_app if self._no is None else SecurityHeaders(_closing(self._no))
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """The socket's own protocol takes over, if this address may have one more."""
        if self._no is not None:
            self._refuse(self._no)
        else:
            self._reads()
            super().handle_websocket_upgrade()

    def _knock(self) -> Refused | None:
        """A connection's first request counts for its address, and each handshake."""
        handshake = self.parser.should_upgrade() and self._should_upgrade()
        if self._knocked and not handshake:
            return None
        self._knocked = True
        address = group(client_of(self.config.loaded_app, self._peer, self.headers))
        try:
            self._live.strangers.knock(address, self._live.clock())
        except Refused as no:
            return no
        return None

    @property
    def _peer(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def _address(self) -> str | None:
        """Before its head is in, nobody knows who is behind a proxy."""
        return None if trusted(self.config.loaded_app, self._peer) else group(self._peer)

    def _wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        else:
            try:
                self._live.strangers.enter(self._address)
            except Refused as no:
                self._no = no
                self._refuse(no)
                return
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._live.strangers.leave(self._address)

    def _does_not_read(self) -> None:
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALLED_SECONDS, self._cut)

    def _reads(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _cut(self) -> None:
        self._stalled = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _refuse(self, no: Refused) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            if self._head or self._no:  # browsers open connections to spare; nobody waits for a word on those
                self.transport.write(_said(_closing(no)))
            self._close()

    def _close(self) -> None:
        self.transport.close()
        self._left_behind()

    def _left_behind(self) -> None:
        if self.transport.get_write_buffer_size():
            self._does_not_read()


def _closing(no: Refused) -> Response:
    response = answer(no)
    response.headers["Connection"] = "close"
    return response


def _said(response: Response) -> bytes:
    """An answer of HTTP/1.1 as it goes over the wire."""
    status = HTTPStatus(response.status_code)
    head = b"".join(name + b": " + value + b"\r\n" for name, value in response.raw_headers)
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() + head + b"\r\n" + bytes(response.body)
