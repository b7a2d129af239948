"""Hundreds who fall behind in the same tick: in the end each has all, once and in order."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import AsyncExitStack
from functools import partial

from gateway.feed import Feed
from gateway.socket import Socket
from schemas.ids import new_id
from tests.gateway.support import Running
from tests.gateway.test_wire import Mute, mute, opened, talk
from tests.patience import patience, until

CLIENTS = 300
# Six bytes each on the line. One such message is more than a line takes at once that may have HIGH unsent:
# the tick that brings it strains all of them.
LONG, HIGH = "\x01" * 4_000, 4_096
SHORT = "x" * 500
RESET = struct.pack("ii", 1, 0)  # SO_LINGER


def feeds(gateway: Running, own: str) -> list[Feed]:
    """Of all who are here."""
    found = [one for one in gateway.live.sockets._open if one.claims.property_id == own]
    return [one._feed for one in found if isinstance(one, Socket) and one._feed is not None]


def live(feeds: list[Feed]) -> bool:
    """All of them are."""
    return all(one.current and one.straight for one in feeds)


def behind(feeds: list[Feed]) -> bool:
    """All of them are."""
    return not any(one.current or one.straight for one in feeds)


async def heard(one: Mute, wanted: list[str]) -> None:
    """The next messages are these."""
    found: list[str] = []
    while len(found) < len(wanted):
        if (frame := await one.hear())["t"] == "ev" and frame["type"] == "new_message":
            found.append(frame["id"])
    assert found == wanted


def hold(clients: list[Mute], held: bool) -> None:
    """They read nothing, or on."""
    for one in clients:
        line: asyncio.Transport = one.writer.transport  # type: ignore[assignment]  # of a socket
        if held:
            line.pause_reading()
        else:
            line.resume_reading()


async def test_hundreds_fall_behind_in_one_tick_and_each_has_all_once_in_order(gateway: Running) -> None:
    own = "storm" + new_id()[-6:]
    names = tuple(f"storm-{number}" for number in range(CLIENTS))
    thread, lines = await opened(gateway, own, names), AsyncExitStack()
    async with lines, patience():
        clients = [await lines.enter_async_context(mute(gateway, own, f"thread:{thread}", n)) for n in names]
        for one in clients:
            one.wire.transport.set_write_buffer_limits(high=HIGH, low=HIGH // 4)
        for turn in range(2):
            here = feeds(gateway, own)
            assert len(here) == len(clients)
            await until(partial(live, here), "not all are back")
            hold(clients, held=True)
            ids = await talk(gateway, own, thread, 1, LONG)
            await until(partial(behind, here), "some have room")
            ids += await talk(gateway, own, thread, 20, SHORT)
            await until(partial(gateway.live.answers.known, own, ids[-1]))
            if turn:  # some leave in the middle of it
                for gone in clients[::7]:
                    line = gone.writer.get_extra_info("socket")
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    gone.writer.transport.abort()
                clients = [one for number, one in enumerate(clients) if number % 7]
            hold(clients, held=False)
            await asyncio.gather(*[heard(one, ids) for one in clients])
        await until(lambda: len(feeds(gateway, own)) == len(clients), "who is gone is here")
        last = await talk(gateway, own, thread, 1, SHORT)
        await asyncio.gather(*[heard(one, last) for one in clients])
