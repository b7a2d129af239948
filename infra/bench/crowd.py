"""`python -m infra.bench.crowd KIND HOST PORT`: many sockets in one process, which counts what it hears.

On stdin comes one line of JSON: of each socket its opening frame, or "", and how many channels it asks for.
Once all are open it says `open`; each further line on stdin is answered with what came since the last one. A
number there is how many of them, the first ones, do not read from now on; without one nothing changes. A
message is known by its text, which begins with when it was sent (monotonic seconds, one clock for all
processes).
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import sys
import time
from collections.abc import Sequence

PATHS = {
    "concierge": "/api/websocket/connection",
    "fastapi": "/all",
    "bare": "/",
    "socketio": "/socket.io/?EIO=4&transport=websocket",
}
# Says that a channel is open; without channels it is the handshake. Socket.IO lets one in to all at once.
READY = {"concierge": b'"t":"subbed"', "fastapi": b"", "bare": b"", "socketio": b'40{"sid"'}
MESSAGE = b'"text":"'
STAMP = re.compile(rb'"text":"(\d+\.\d+) ')
LONGEST = 32
# One in so many is asked how late its messages are; with all of them the crowd would be what is measured.
SAMPLE = 20
AT_ONCE = 100
# Who says nothing for a minute is taken for dead; Engine.IO wants its own pong within 20 s of a ping.
ALIVE_SECONDS = 15.0
ALIVE = b"\x8a\x80" + bytes(4)
ENGINE_ALIVE = b"\x81\x81" + bytes(4) + b"3"
# What a kernel keeps for who does not read, asked for before it connects: asked later, the peer sends into a
# window that is promised already, is not answered, and waits up to 25 s when it is read again.
KEPT_BYTES = 64 * 1024


class Socket(asyncio.Protocol):
    """One client. `heard`: messages since it was last asked; `late`: of a sample, seconds of each."""

    def __init__(self, kind: str, opening: str, channels: int, sample: bool) -> None:
        self.heard = 0
        self.late: list[float] = []
        self.ready = asyncio.get_running_loop().create_future()
        self._kind, self._opening, self._left, self._sample = kind, opening, channels, sample
        self._rest = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream's
        """Asks for a WebSocket."""
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET {PATHS[self._kind]} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n"
        head += f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        """Counts; until it is open, waits for what says so."""
        data = self._rest + data
        if not self.ready.done():
            data = self._open(data)
            if not self.ready.done():
                return
        found = data.count(MESSAGE)
        if found:
            self.heard += found
            if self._sample:
                now = time.monotonic()  # the loop's own clock stands still while it reads
                self.late += [now - float(stamp) for stamp in STAMP.findall(data)]
        # A message's mark may be cut in two; a whole one must not be counted twice.
        at = data.rfind(MESSAGE)
        self._rest = data[max(len(data) - LONGEST, at + len(MESSAGE) if at >= 0 else 0) :]

    def stall(self, stalled: bool) -> None:
        """Reads no more, or again."""
        if stalled:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def alive(self) -> None:
        """Says that it is there, unasked (RFC 6455, 5.5.3)."""
        self._transport.write(ENGINE_ALIVE if self._kind == "socketio" else ALIVE)

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody leaves during a bench."""
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("refused"))
        elif not self._transport.is_closing():
            os._exit(3)

    def _open(self, data: bytes) -> bytes:
        """What came behind what says that it is open: what was missed comes at once."""
        if not self._upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return b""
            self._upgraded = True
            if self._opening:
                self._transport.write(masked(self._opening.encode()))
        ready = READY[self._kind]
        while self._left > 0:
            at = data.find(ready)
            if at < 0:
                self._rest = data[-len(ready) + 1 :]
                return b""
            self._left -= 1
            data = data[at + len(ready) :]
        self.ready.set_result(None)
        return data


def masked(payload: bytes) -> bytes:
    """A client's text frame (RFC 6455), masked with zeros: its bytes stay as they are."""
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


async def crowd(kind: str, host: str, port: int) -> None:
    """Opens all, then answers until stdin ends."""
    loop = asyncio.get_running_loop()
    openings = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    gate, sockets = asyncio.Semaphore(AT_ONCE), []

    async def open_one(number: int, opening: str, channels: int) -> Socket:
        async with gate:
            bare = socket.socket()
            bare.setblocking(False)
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KEPT_BYTES)
            await loop.sock_connect(bare, (host, port))
            _, one = await loop.create_connection(
                lambda: Socket(kind, opening, channels, number % SAMPLE == 0), sock=bare
            )
            await one.ready
            return one

    sockets = await asyncio.gather(*[open_one(number, *one) for number, one in enumerate(openings)])
    print("open", flush=True)
    living, stalled = asyncio.create_task(_live(sockets)), 0
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip():
            before, stalled = stalled, int(line)
            for one in sockets[min(before, stalled) : max(before, stalled)]:
                one.stall(stalled > before)
        late = [seconds for one in sockets for seconds in one.late]
        print(json.dumps({"heard": sum(one.heard for one in sockets), "late": late}), flush=True)
        for one in sockets:
            one.heard = 0
            one.late.clear()
    living.cancel()


async def _live(sockets: Sequence[Socket]) -> None:
    while True:
        await asyncio.sleep(ALIVE_SECONDS)
        for one in sockets:
            one.alive()


def main(kind: str, host: str, port: str) -> None:
    """On uvloop: the crowd must be faster than whom it listens to."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(crowd(kind, host, int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
