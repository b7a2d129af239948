"""A real gateway on the session's Kafka: its server, tokens, a hotel of its own, a client."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import Popen
from typing import Any, TypeAlias

import httpx
import jwt
import msgspec
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from websockets.asyncio.client import ClientConnection, connect

from gateway.asyncapi import SERVER
from gateway.main import server
from gateway.payloads import read
from gateway.state import State
from infra.runtime.kafka import producer, reader, send
from infra.runtime.lifecycle import SUPERVISED
from infra.runtime.ports import free_row
from infra.runtime.settings import Settings
from infra.topics import ensure
from schemas.ids import new_id
from schemas.records.base import Cause, Why
from schemas.records.services import ServiceAssigned, ServiceRequested, ServicesAnswer, ServicesFact
from schemas.topics import SERVICES, partition_of
from tests.patience import PATIENCE, patience, until

SECRET = "a-secret-of-the-tests-that-is-long-enough"
Process: TypeAlias = Popen[bytes]
# Any 32 bytes are a key of P-256.
VAPID = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")


def settings_for(kafka: str, **more: Any) -> Settings:
    """Settings of a gateway of the tests."""
    return Settings(kafka_url=kafka, jwt_secret=SECRET, vapid_private_key=VAPID, **more)


def token(role: str = "admin", property_id: str = "h", seconds: float = 600, **more: Any) -> str:
    """A signed token."""
    now = time.time()
    claims = {
        "iss": "concierge", "aud": "concierge-live", "sub": f"{role}-1", "role": role,
        "property": property_id,
        "name": role, "iat": int(now), "exp": now + seconds, "jti": new_id(),
    }  # fmt: skip
    return jwt.encode(claims | more, SECRET, "HS256")


def silent_kafka(gateway: Running, monkeypatch: pytest.MonkeyPatch, since: int) -> None:
    """The gateway thinks that Kafka has not answered since `since` (ms), whatever its own probe finds."""
    known = property(lambda _: since, lambda *_: None)
    monkeypatch.setattr(type(gateway.live.tail), "stale_since", known, raising=False)


@dataclass
class Running:
    """A gateway that serves on `port`; `live` are its parts, for a look inside."""

    settings: Settings
    port: int
    producer: AIOKafkaProducer
    live: State

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/websocket/connection"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def web(self, **more: Any) -> httpx.AsyncClient:
        """A client of its REST."""
        return httpx.AsyncClient(base_url=self.url, timeout=PATIENCE, **more)

    def socket(self, **more: Any) -> connect:
        """A socket that says nothing yet."""
        return connect(self.socket_url, open_timeout=PATIENCE, **more)

    async def request(
        self, property_id: str, request_id: str, room: str = "101", staff_id: str | None = None
    ) -> None:
        """Writes what the service agent would say: a guest asked for something, and who shall do it."""
        partition = partition_of(property_id, self.settings.partitions)
        fact = ServicesFact(
            fact_id=new_id(), occurred_at=int(time.time() * 1000),
            requested=ServiceRequested(
                request_id=request_id, room_id=room, item="towels", department="housekeeping", priority=2,
                credits=0.5, accept_by=2, resolve_by=3,
            ),
        )  # fmt: skip
        facts = [fact]
        if staff_id is not None:
            given = ServiceAssigned(request_id=request_id, staff_id=staff_id)
            facts.append(ServicesFact(fact_id=new_id(), occurred_at=fact.occurred_at, assigned=given))
        expected = await end_of(self.settings, SERVICES.name, partition)
        answer = ServicesAnswer(
            event_id=new_id(), property_id=property_id, recorded_at=1, actor_id="guest-101",
            actor_role="guest",
            causation_id=request_id, cause=Cause(topic="services.commands", partition=partition, offset=0),
            expected=expected, verdict="accepted", why=Why(rule="test", sentence="asked"), facts=facts,
        )  # fmt: skip
        placed = await send(self.producer, self.settings, SERVICES, property_id, answer)
        assert placed.offset == expected


async def end_of(settings: Settings, topic: str, partition: int) -> int:
    """Where the next record will lie."""
    async with reader(settings) as consumer:
        tp = TopicPartition(topic, partition)
        return int((await consumer.end_offsets([tp]))[tp])


@asynccontextmanager
async def running(kafka: str, **more: Any) -> AsyncIterator[Running]:
    """A gateway from start to graceful stop."""
    settings = settings_for(kafka, **more)
    await ensure(settings)
    port = free_row()
    own = server(settings, 0, port)
    own.config.loop = "none"
    serving = asyncio.create_task(own._serve())
    async with producer(settings) as sender:
        try:
            await until(lambda: own.started or serving.done())
            assert own.started, "the gateway did not start"
            yield Running(settings, port, sender, own.lifespan.state["live"])
        finally:
            own.should_exit = True
            await serving


@asynccontextmanager
async def process(gateway: Running, folder: Path, port: int, **more: str) -> AsyncIterator[Process]:
    """A gateway of its own on the same log, as it is run, ready; it dies with the tests."""
    env = os.environ | {
        "CONCIERGE_KAFKA_URL": gateway.settings.kafka_url, "CONCIERGE_JWT_SECRET": SECRET,
        "CONCIERGE_GATEWAY_PORT": str(port), "CONCIERGE_DATA_DIR": str(folder),
        SUPERVISED: str(os.getpid()),
    }  # fmt: skip
    log = folder / "gateway.log"
    with log.open("ab") as output:
        started = Popen(
            [sys.executable, "-m", "infra.part", "gateway", "--index", "0"],
            env=env | more, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        async with replace(gateway, port=port).web() as web:

            async def ready() -> bool:
                assert started.poll() is None, log.read_text()[-3000:]
                with suppress(httpx.TransportError):
                    return (await web.get("/readyz")).status_code == 200
                return False

            await until(ready, "it never got ready")
        yield started
    finally:
        if started.poll() is None:
            started.kill()
            started.wait()


def as_documented(frame: dict[str, Any]) -> None:
    """An event or a snapshot has nothing that its class has not, and says the same as that."""
    kind = frame["type"] if frame["t"] == "ev" else "snapshot"
    d = frame.get("d") or frame.get("snapshot")
    if frame["t"] in ("ev", "subbed") and d:
        told = read(kind, d)
        assert told is not None, frame
        assert _within(d, msgspec.to_builtins(told)), (frame, told)


def _within(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and _within(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_within, part, whole))
    return bool(part == whole)


class Client:
    """Frames out and in."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws

    async def say(self, kind: str, **fields: Any) -> None:
        await self.ws.send(msgspec.json.encode({"t": kind} | fields).decode())

    async def request(self) -> dict[str, Any]:
        """The next event about a service request; who is online comes in between."""
        while (frame := await self.hear("ev"))["type"] != "service_request_updated":
            pass
        return frame

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """The next frame of one of these kinds."""
        async with patience():
            while True:
                frame: dict[str, Any] = msgspec.json.decode(await self.ws.recv())
                _, needed, more = SERVER[frame["t"]]
                assert {"t", *needed} <= frame.keys() <= {"t", *needed, *more}
                as_documented(frame)
                if frame["t"] in kinds:
                    return frame


@asynccontextmanager
async def client(gateway: Running, own: str, **hello: Any) -> AsyncIterator[Client]:
    """A client that has said hello."""
    async with gateway.socket() as ws:
        one = Client(ws)
        await one.say("hello", v=1, token=own, **hello)
        yield one
