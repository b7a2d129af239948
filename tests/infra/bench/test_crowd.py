"""What a socket of the crowd counts, however its bytes are cut."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from websockets.server import ServerProtocol

from infra.bench.crowd import Socket

MESSAGE = b'{"t":"ev","d":{"text":"%.3f and the rest"}}'


class Written:
    """A transport that only keeps."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def is_closing(self) -> bool:
        return False


@given(cuts=st.lists(st.integers(1, 400), max_size=40), count=st.integers(0, 12))
def test_each_message_counts_once_wherever_it_is_cut(cuts: list[int], count: int) -> None:
    async def heard() -> tuple[int, int]:
        now = asyncio.get_running_loop().time()
        socket = Socket("concierge", "hello", 2, sample=True)
        socket.connection_made(Written())  # type: ignore[arg-type]  # of a transport it needs no more
        socket.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        socket.data_received(b'..{"t":"subbed"}..{"t":"subbed"}')
        assert socket.ready.done()
        said = b"..".join([MESSAGE % now] * count) + b".."
        for size in cuts:
            socket.data_received(said[:size])
            said = said[size:]
        socket.data_received(said)
        return socket.heard, len(socket.late)

    counted, sampled = asyncio.run(heard())
    assert counted == count
    assert sampled <= count


def test_it_asks_for_a_socket_and_opens_with_its_frame() -> None:
    async def asked() -> bytes:
        socket, wire = Socket("concierge", "hello " * 100, 1, sample=False), Written()
        socket.connection_made(wire)  # type: ignore[arg-type]  # of a transport it needs no more
        socket.data_received(b"HTTP/1.1 101 Switching Protocols\r\n")
        socket.data_received(b"Upgrade: websocket\r\n\r\n")
        assert not socket.ready.done()
        return wire.data

    server = ServerProtocol()
    server.receive_data(asyncio.run(asked()))
    request, frame = server.events_received()
    assert server.accept(request).status_code == 101  # type: ignore[arg-type]  # it is a request
    assert frame.data == b"hello " * 100  # type: ignore[union-attr]  # and this a frame


def test_it_speaks_socket_io_and_says_that_it_lives() -> None:
    async def said() -> bytes:
        socket, wire = Socket("socketio", "40", 1, sample=False), Written()
        socket.connection_made(wire)  # type: ignore[arg-type]  # of a transport it needs no more
        socket.data_received(b'HTTP/1.1 101 Switching Protocols\r\n\r\n..0{"sid":"a"}')
        assert not socket.ready.done(), "the engine's own packet lets nobody in"
        socket.data_received(b'..40{"sid":"b"}')
        assert socket.ready.done()
        socket.alive()
        return wire.data

    server = ServerProtocol()
    server.receive_data(asyncio.run(said()))
    request, first, second = server.events_received()
    assert request.path == "/socket.io/?EIO=4&transport=websocket"  # type: ignore[union-attr]  # it is a request
    assert server.accept(request).status_code == 101  # type: ignore[arg-type]  # as above
    assert (first.data, second.data) == (b"40", b"3")  # type: ignore[union-attr]  # and these frames


def test_what_comes_right_behind_its_opening_counts_and_the_opening_may_be_cut() -> None:
    async def heard() -> int:
        socket = Socket("concierge", "hello", 1, sample=False)
        socket.connection_made(Written())  # type: ignore[arg-type]  # of a transport it needs no more
        socket.data_received(b'HTTP/1.1 101 Switching Protocols\r\n\r\n..{"t":"sub')
        assert not socket.ready.done()
        socket.data_received(b'bed"}..' + MESSAGE % 1.0)
        assert socket.ready.done()
        return socket.heard

    assert asyncio.run(heard()) == 1
