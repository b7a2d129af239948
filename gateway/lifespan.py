"""Opens and closes the gateway's parts, and keeps its clocks: presence said and forgotten."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from signal import SIGTERM, raise_signal

import structlog
from aiokafka.errors import KafkaError

from gateway.alarms import Alarms
from gateway.answers import Answers
from gateway.cursor import Cursors
from gateway.history import History
from gateway.hub import Hub
from gateway.keys import Keys
from gateway.limits import Limits, rates
from gateway.listening import Listening
from gateway.presence import Presence
from gateway.readmodel.model import ReadModel
from gateway.recall import Recall
from gateway.sockets import Sockets
from gateway.state import State, now_ms
from gateway.strangers import Strangers
from gateway.tail import Tail
from gateway.typists import Typists
from infra.runtime import garbage, watchdog
from infra.runtime.kafka import producer, send
from infra.runtime.settings import Settings
from schemas import topics
from schemas.records.signals import Signal

log = structlog.get_logger()
TURN_SECONDS = 0.5
SAY_SECONDS = 5.0
STOOD_STILL_MS = 5_000


@asynccontextmanager
async def opened(settings: Settings, index: int) -> AsyncIterator[State]:
    """A live gateway: connected, its read model loaded, following the log."""
    began = time.monotonic()
    # Containers may share a host's name and have the same process id.
    gateway_id = f"{socket.gethostname()}-{os.getpid()}-{index}-{secrets.token_hex(4)}"
    # A person waits two seconds at most; a request that hangs longer is as good as unknown.
    sender = producer(settings, linger_ms=0, request_timeout_ms=10_000)
    model, sockets, presence = ReadModel(), Sockets(settings.person_sockets), Presence(gateway_id)
    typists = Typists()
    cursors = Cursors(settings.jwt_secret.get_secret_value())
    hub = Hub(cursors, settings.partitions)
    answers = Answers()
    tail = Tail(
        settings, sender, model, hub, presence, typists, answers,
        sockets.revoked, sockets.stale, sockets.moved,
    )  # fmt: skip
    history = History(settings, model)
    recall = Recall(settings)
    knocks = settings.address_handshakes_per_s, settings.address_handshakes_burst
    strangers = Strangers(knocks, settings.address_waiting, settings.gateway_waiting)
    keys = Keys(settings)
    live = State(
        settings, gateway_id, sender, model, hub, tail, history, answers, recall, sockets, presence,
        Limits(rates(settings)), Listening(settings.person_channels, settings.gateway_channels), strangers,
        keys, Alarms(),
    )  # fmt: skip
    try:
        await sender.start()
        await tail.start()
        garbage.keep()
        log.info("loaded", hotels=len(model.hotels), seconds=round(time.monotonic() - began, 3))
        working = [
            asyncio.create_task(_turn(live, typists)),
            asyncio.create_task(_say(live)),
            asyncio.create_task(tail.ended()),
            asyncio.create_task(keys.follow()),
        ]
        watching = [
            asyncio.create_task(watchdog.watch(sender, settings, f"gateway-{index}")),
            asyncio.create_task(_leave(working)),
        ]
        tasks = [*watching, *working]
        try:
            yield live
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await tail.stop()
        await history.stop()
        await sender.stop()


async def _leave(working: Iterable[asyncio.Task[None]]) -> None:
    """Where one of these ends the process looks healthy and tells nobody anything: so it says goodbye to its
    clients, which go to another one, and ends; whoever supervises it starts it again.
    """
    done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        log.error("this gateway works no more, it ends", exc_info=task.exception())
    raise_signal(SIGTERM)


async def _turn(live: State, typists: Typists) -> None:
    """Who is silent, and who types no more.

    Of nobody that is known while Kafka is away, or where this process itself stood still.
    """
    before = now_ms()
    while True:
        now = now_ms()
        if live.tail.stale_since is not None or now - before > STOOD_STILL_MS:
            live.presence.deaf(now)
        before = now
        for property_id, said in [*live.presence.expire(now), *typists.expire(now)]:
            live.hub.signal(property_id, said)
        live.hub.flush()
        await asyncio.sleep(TURN_SECONDS)


async def _say(live: State) -> None:
    """Who is here, to all gateways."""
    while True:
        if live.tail.stale_since is None:
            await asyncio.gather(*[_say_one(live, one) for one in live.presence.due(now_ms())])
        await asyncio.sleep(TURN_SECONDS)


async def _say_one(live: State, signal: Signal) -> None:
    try:
        async with asyncio.timeout(SAY_SECONDS):
            await send(live.producer, live.settings, topics.SIGNALS, signal.property_id, signal)
    except (KafkaError, TimeoutError) as error:
        log.warning("presence could not be said", error=repr(error))
        live.presence.unsaid(signal.property_id)
