"""What benches of sockets share: how a member of staff begins, what they say, and when all was heard."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from infra.bench import loads
from infra.bench.alone import Alone
from infra.bench.audience import Audience
from infra.runtime.problems import Problem
from infra.simulator.person import token

TEXT_BYTES = 200
WAIT_SECONDS = 60.0
QUIET_SECONDS = 0.3


def hello(
    stand: Alone, house: str, number: int, chats: Sequence[int], cursor: str | None = None
) -> tuple[str, int]:
    """(the first frame of a member of staff, how many channels it names). `cursor` None: from a snapshot."""
    resume = dict.fromkeys(_threads(house, chats), cursor)
    said = {"t": "hello", "v": 1, "token": _token(stand, house, number), "resume": resume}
    return json.dumps(said), len(resume)


def handshake(stand: Alone, house: str, number: int, chats: Sequence[int]) -> tuple[str, int]:
    """(the first packet of a member of staff who speaks Socket.IO, 1: all channels are open at once)."""
    said = {"token": _token(stand, house, number), "channels": _threads(house, chats)}
    return "40" + json.dumps(said), 1


def _token(stand: Alone, house: str, number: int) -> str:
    return token(
        stand.settings,
        user_id=f"staff-{number}",
        role="staff",
        property_id=house,
        departments=[loads.DEPARTMENT],
    )


def _threads(house: str, chats: Sequence[int]) -> list[str]:
    return [f"thread:{loads.chat_id(house, chat)}" for chat in chats]


def text() -> str:
    """What is said: it begins with when."""
    return f"{time.monotonic():.6f} ".ljust(TEXT_BYTES, ".")


async def heard(audience: Audience, wanted: int) -> list[float]:
    """Seconds that the sample's messages were late, once all came. Problem where they do not."""
    count, late, deadline = 0, list[float](), time.monotonic() + WAIT_SECONDS
    while count < wanted:
        await asyncio.sleep(0.05)
        more, seconds = await audience.heard()
        count, late = count + more, late + seconds
        if time.monotonic() > deadline:
            raise Problem(f"{count} of {wanted} messages came within {WAIT_SECONDS:.0f} s.")
    return late


async def quiet(audience: Audience) -> None:
    """Waits out what snapshots bring: earlier messages of the chat, which are no deliveries."""
    found = 1
    while found:
        await asyncio.sleep(QUIET_SECONDS)
        found, _ = await audience.heard()
