"""Messages of a chat to everybody in it: deliveries a CPU second of the real gateway, beside bare servers.

The server has a core for itself, everything else the other one; no agents, no warehouse. A FastAPI loop sends
the same texts, read off Kafka too, with `await ws.send_text` for each socket on uvicorn as it comes, and
python-socketio emits them to a room: no rights, no cursors, no rings, nobody looked after who is slow. How
many the machine bears at all is told by bare writes of the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads, raw
from infra.bench.alone import Alone, Process
from infra.bench.audience import Audience
from infra.bench.pinned import stage
from infra.bench.result import Result, rate, times
from infra.bench.sockets import handshake, heard, hello, quiet, text
from infra.runtime.ports import free_row

# (sockets, messages at once)
SHAPES = ((500, 1), (2_000, 1), (500, 10), (2_000, 10))
# Deliveries a second: as many as leave each message, or ten, a write of its own.
AIMED = {1: 60_000, 10: 150_000}
# python-socketio takes no more: what it is behind would grow all the while.
GENTLY = {1: 20_000, 10: 20_000}
SECONDS = 6.0
# Of so many chats each socket hears so many.
CHATS, EACH = 500, 5
# Deliveries a second at which it is measured how late they are.
CALM = 20_000

# The gateway's sockets, and its clients of Socket.IO, beside python-socketio.
NATIVE, CLIENTS = "_socketio", "_socketio_clients"
# And beside bare writes.
BARE = "_bare"

# Beside the text: as much as the gateway's own frame says about it.
FRAME = {"about": "." * 420}

Shape = tuple[int, int]
# Kind, port, of each socket its first frame and how many channels it asks for.
Who = tuple[str, int, Sequence[tuple[str, int]]]
# Says so many messages at once.
Say = Callable[[int], Awaitable[None]]


async def run(home: Path) -> Result:
    """In `home`, an empty folder."""
    async with stage(home) as (stand, producer, core):
        return await measure(stand, producer, SHAPES, SECONDS, core)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, shapes: Sequence[Shape], seconds: float, core: int | None
) -> Result:
    """The same, so large; the servers on `core`."""
    (house,) = loads.hotels(1, "fanout")
    most = max(sockets for sockets, _ in shapes)
    await stand.say(producer, loads.settings(house))
    await stand.say(producer, loads.chats(house, CHATS))
    async with alone.gateway(stand) as (beside, server):
        server.pin(core)
        port = beside.settings.gateway_port
        say = chatter(stand, producer, house, 1)
        people = [hello(beside, house, number, [0]) for number in range(most)]
        figures = await _all(("concierge", port, people), server, say, shapes, seconds, AIMED)
        people = [hello(beside, house, n, [(n + i * 101) % CHATS for i in range(EACH)]) for n in range(most)]
        async with Audience("concierge", port, people) as audience:
            say, each = chatter(stand, producer, house, CHATS), most * EACH / CHATS
            mixed = await _busy(say, audience, server, each, 1, seconds, AIMED)
    async with alone.gateway(stand) as (beside, server):
        server.pin(core)
        people = [handshake(beside, house, number, [0]) for number in range(most)]
        who = ("socketio", beside.settings.gateway_port, people)
        clients = await _all(who, server, chatter(stand, producer, house, 1), shapes, seconds, AIMED)
    baseline, other, bare = dict[str, float](), dict[str, float](), dict[str, float]()
    async with raw.topic(stand.settings) as topic:
        for module, kind, opening, found, aimed in (
            ("infra.bench.stock_sockets", "fastapi", ("", 0), baseline, AIMED),
            ("infra.bench.stock_bare", "bare", ("", 0), bare, AIMED),
            ("infra.bench.stock_socketio", "socketio", ("40", 1), other, GENTLY),
        ):
            server = stand.start(module, topic, str(port := free_row()))
            try:
                await alone.listening(port, server)
                server.pin(core)
                who = (kind, port, [opening] * most)
                found |= await _all(who, server, _bare(producer, topic), shapes, seconds, aimed)
            finally:
                server.stop()
    native = figures | _named(figures, NATIVE) | _named(figures, BARE)
    named = _named(other, NATIVE) | _named(other, CLIENTS) | _named(bare, BARE)
    measured = native | _named(clients, CLIENTS) | {"per_cpu_second_mixed": mixed}
    return Result("fanout", measured, baseline | named)


def _named(found: dict[str, float], suffix: str) -> dict[str, float]:
    return {name + suffix: value for name, value in found.items()}


async def _all(
    who: Who, server: Process, say: Say, shapes: Sequence[Shape], seconds: float, aimed: Mapping[int, int]
) -> dict[str, float]:
    kind, port, people = who
    found: dict[str, float] = {}
    before = server.memory()  # all at once first: what the others leave behind would be theirs
    async with Audience(kind, port, people) as audience:
        found["kb_a_socket"] = round((server.memory() - before) / len(people) / 1024, 1)
        await quiet(audience)
        sent = await spread(say, CALM / len(people), 1, seconds)
        late = await heard(audience, sent * len(people))
        found |= {f"calm_{part}": value for part, value in times(late).items()}
    for sockets, at_once in shapes:
        async with Audience(kind, port, people[:sockets]) as audience:
            name = f"per_cpu_second_{sockets}_sockets_{at_once}_at_once"
            found[name] = await _busy(say, audience, server, sockets, at_once, seconds, aimed)
    return found


async def _busy(
    say: Say,
    audience: Audience,
    server: Process,
    each: float,
    at_once: int,
    seconds: float,
    aimed: Mapping[int, int],
) -> int:
    """Deliveries a CPU second. `each`: how many hear a message."""
    await quiet(audience)
    turns = aimed[at_once] / each / at_once
    await heard(audience, round(await spread(say, turns, at_once, 1.0) * each))
    used = server.cpu()
    wanted = round(await spread(say, turns, at_once, seconds) * each)
    await heard(audience, wanted)
    return rate(wanted, server.cpu() - used)


async def spread(say: Say, turns: float, at_once: int, seconds: float) -> int:
    """How many were said, `turns` times a second so many at once."""
    began, turn = time.monotonic(), 0
    while turn < turns * seconds:
        await asyncio.sleep(max(0.0, began + turn / turns - time.monotonic()))
        await say(at_once)
        turn += 1
    return turn * at_once


def chatter(stand: Alone, producer: AIOKafkaProducer, house: str, chats: int) -> Say:
    """Messages to so many chats, one after the other."""
    number = 0

    async def say(count: int) -> None:
        nonlocal number
        said = [loads.message(house, (number + n) % chats, text()) for n in range(count)]
        number += count
        await stand.say(producer, said)

    return say


def _bare(producer: AIOKafkaProducer, topic: str) -> Say:
    """The same texts in frames as long as the gateway's."""

    async def say(count: int) -> None:
        texts = [msgspec.json.encode(FRAME | {"text": text()}) for _ in range(count)]
        await asyncio.gather(*[await producer.send(topic, text, partition=0) for text in texts])

    return say
