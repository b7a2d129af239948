"""What a tick brought goes straight to each line, but not behind a goodbye, nor to whom it is not for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from gateway.events import Said
from gateway.feed import Feed
from gateway.socket import Socket
from schemas.ids import new_id
from schemas.records.rooms import ReservationState
from tests.gateway.support import Running
from tests.gateway.test_wire import Mute, mute
from tests.patience import until


def said(own: str, size: int = 10) -> Said:
    return Said("announcement", (f"property:{own}",), new_id(), 5, 0, {"text": "x" * size})


def socket_of(gateway: Running, own: str) -> tuple[Socket, Feed]:
    """The only one of this hotel."""
    (held,) = [one for one in gateway.live.sockets._open if one.claims.property_id == own]
    assert isinstance(held, Socket)
    assert held._feed is not None
    return held, held._feed


async def rest(one: Mute) -> list[tuple[int, bytes]]:
    """All frames until the line ends; a goodbye is answered."""
    found = []
    try:
        while True:
            found.append(await one.frame())
            if found[-1][0] == 8:
                one.send(8, found[-1][1][:2])
    except asyncio.IncompleteReadError as end:
        if end.partial:  # it ends between frames
            raise
    except ConnectionResetError:
        pass  # our answer came after its end
    return found


def strain(gateway: Running, own: str, one: Mute) -> None:
    """Some of what was said is unsent, and there is still room."""
    while one.wire.transport.get_write_buffer_size() < gateway.settings.socket_unsent_bytes // 4:
        gateway.live.hub.signal(own, said(own, 1_000))
        gateway.live.hub.flush()
    assert one.wire.writable.is_set()


@pytest.mark.parametrize(
    "close",
    [
        lambda held: held.shut(4403, "revoked"),
        lambda held: held._wire.shutdown(),
    ],
)
@pytest.mark.parametrize("strained", [False, True])
async def test_within_a_tick_nothing_follows_a_goodbye(
    gateway: Running, close: Callable[[Socket], None], strained: bool
) -> None:
    own = "goodbye" + new_id()[-6:]
    async with mute(gateway, own, f"property:{own}") as one:
        held, _ = socket_of(gateway, own)
        if strained:
            strain(gateway, own, one)
        gateway.live.hub.signal(own, said(own))
        close(held)
        gateway.live.hub.signal(own, said(own))
        gateway.live.hub.flush()
        opcodes = [opcode for opcode, _ in await rest(one)]
        assert opcodes.index(8) == len(opcodes) - 1, "nothing follows it"


async def test_who_says_no_more_is_told_no_more(gateway: Running) -> None:
    own = "eof" + new_id()[-6:]
    async with mute(gateway, own, f"property:{own}") as one:
        client: asyncio.Transport = one.writer.transport  # type: ignore[assignment]  # of a socket
        client.pause_reading()
        strain(gateway, own, one)
        one.writer.write_eof()
        await until(one.wire.transport.is_closing)
        unsent = one.wire.transport.get_write_buffer_size()
        for _ in range(5):
            gateway.live.hub.signal(own, said(own, 1_000))
            gateway.live.hub.flush()
        assert 0 < one.wire.transport.get_write_buffer_size() <= unsent
        client.resume_reading()
        await rest(one)
        await until(lambda: own not in [hotel for hotel, _ in gateway.live.hub._channels])


async def test_less_of_a_token_is_heard_in_the_very_tick(gateway: Running) -> None:
    own = "less" + new_id()[-6:]
    hotel = gateway.live.model.of(own)
    hotel.reservations["s"] = ReservationState(reservation_id="s", status="checked_out")
    async with mute(gateway, own, f"property:{own}") as one:
        held, feed = socket_of(gateway, own)
        feed.subscribe(f"staff:{own}", None)  # lost with the renewed token, which flushes
        assert feed.straight is not None
        held.claims = feed.claims
        gateway.live.hub.signal(own, said(own))
        less = replace(feed.claims, role="guest", reservation_id="s")
        held.verified(less, {})
        gateway.live.hub.signal(own, said(own))
        gateway.live.hub.flush()
        held.shut(4000, "drain")
        texts = [msgspec.json.decode(payload) for opcode, payload in await rest(one) if opcode == 1]
        assert [frame["t"] for frame in texts if frame["t"] == "ev"] == [], "it is not for a guest who left"
