"""What waits for a client is bounded, taken in pieces, and passed by only where nothing waits."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from engineio.packet import PING, Packet

from gateway.outbox import PIECE_CHARS, Outbox

LONG = b"2" + b"x" * 4_095
MOST = 64 * 1024


def sizes(taken: list[Any]) -> int:
    return sum(len(one.data) for one in taken)


async def piece(box: Outbox) -> list[Any]:
    """What the engine's writer takes at once."""
    found = [await box.get()]
    while True:
        try:
            found.append(box.get_nowait())
        except asyncio.QueueEmpty:
            return found


async def test_it_says_when_there_is_no_room_and_when_there_is_again() -> None:
    box = Outbox(MOST)
    pushed = 0
    while box.push(LONG):
        pushed += 1
    assert pushed == MOST // len(LONG) - 1
    waiting = asyncio.create_task(box.ready())
    left = MOST
    while left >= MOST // 4:
        await asyncio.sleep(0)
        assert not waiting.done()
        taken = sizes(await piece(box))
        assert taken <= PIECE_CHARS
        left -= taken
    await waiting
    assert box.roomy


async def test_what_is_cleared_is_forgotten_whatever_it_was() -> None:
    box = Outbox(MOST)
    while box.push(LONG):
        pass
    box.put_nowait(Packet(PING))
    box.put_nowait(None)
    box.clear()
    assert box.empty()
    assert box.roomy


class Wire:
    """Notes what is written."""

    def __init__(self) -> None:
        self.written = list[bytes]()

    def write_frames(self, frames: bytes) -> bool:
        self.written.append(frames)
        return True


def direct(box: Outbox) -> bool:
    return box.direct


async def test_past_the_writer_only_where_it_sleeps_and_nothing_waits() -> None:
    box, wire = Outbox(MOST), Wire()
    line = SimpleNamespace(upgraded=False, last_ping=None)
    box.line, box.wire = line, wire  # type: ignore[assignment]  # of a Wire it needs no more
    writer = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert not direct(box), "a poller that waits is no WebSocket"
    line.upgraded = True
    assert direct(box)
    box.push(b"2a")
    assert wire.written == [b"\x81\x03" + b"42a"]
    box.put_nowait(Packet(PING))
    assert not direct(box), "something waits"
    box.push(b"2b")
    assert (await writer).packet_type == PING
    assert not direct(box), "the writer is at work"
    assert (await box.get()).data == "2b"
    assert len(wire.written) == 1


@pytest.mark.parametrize("pinged", [None, 1.0])
async def test_who_takes_is_alive(pinged: float | None) -> None:
    box, line = Outbox(MOST), SimpleNamespace(upgraded=False, last_ping=pinged)
    box.line = line
    box.push(b"2a")
    await box.get()
    assert (line.last_ping is None) == (pinged is None)
    assert line.last_ping != 1.0
