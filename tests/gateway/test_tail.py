"""While Kafka is away: sockets stay, a pub is told when to try again, and later everything goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import ConsumerRecord

from gateway.answers import Answers
from gateway.cursor import Cursors
from gateway.hub import Hub
from gateway.presence import Presence
from gateway.readmodel.model import ReadModel
from gateway.served import STALE_SINCE
from gateway.tail import Tail
from gateway.typists import Typists
from infra.engines.kafka import broker
from infra.runtime.kafka import send
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import encode
from schemas.records.settings import PropertySettings, SettingsRecord
from tests.fixtures_kafka import free_ports, run_broker
from tests.gateway.support import Client, client, running, token
from tests.patience import PATIENCE, until

CMD = "set_room_status"
D = {"room_id": "101", "dimension": "housekeeping", "value": "dirty"}


async def stopped(pid: int) -> None:
    """SIGSTOP, until no thread runs any more: one that does may still take a record."""
    os.kill(pid, signal.SIGSTOP)
    threads = Path(f"/proc/{pid}/task")
    while any((one / "stat").read_text().rpartition(")")[2].split()[0] != "T" for one in threads.iterdir()):
        await asyncio.sleep(0.001)


async def test_kafka_away(tmp_path: Path) -> None:
    port, controller_port = free_ports(2)
    process = run_broker(broker.Broker(tmp_path / "data", port, controller_port), tmp_path / "kafka.log")
    try:
        async with running(f"127.0.0.1:{port}") as own, own.web() as web:
            house = PropertySettings(name="T", time_zone="Europe/Lisbon", currency="EUR", departments=["x"])
            record = SettingsRecord(
                property_id="h", kind="property", id="h", at=1, actor_id="t", property=house
            )
            await send(
                own.producer,
                own.settings,
                topics.SETTINGS,
                "h",
                record,
                topics.entity_key("h", "property", "h"),
            )
            head = {"Authorization": "Bearer " + token("manager", "h")}
            async with client(own, token("manager", "h"), resume={"staff:h": None}) as one:
                await one.hear("subbed")
                assert (await pub(one, "before"))["t"] == "ack"
                assert STALE_SINCE not in (await web.get("/api/rooms", headers=head)).headers
                await stopped(process.pid)
                told: list[dict[str, Any]] = []
                nack = await pub(one, "perhaps", told)
                assert (nack["code"], nack["retry_after"]) == ("unknown", 2.0), "it may be on its way"
                since = (told or [await one.hear("stale")])[0]["since"]
                assert (await web.get("/readyz")).status_code == 503
                nack = await pub(one, "away")
                assert (nack["code"], nack["retry_after"]) == ("log_unavailable", 2.0)
                refused = await web.post("/api/rooms", json={"id": "a", "cmd": CMD, "d": D}, headers=head)
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
                read = await web.get("/api/rooms", headers=head)
                assert (read.status_code, read.headers[STALE_SINCE]) == (200, str(since)), "as of then"
                async with client(own, token("manager", "h"), resume={"staff:h": None}) as late:
                    assert (await late.hear("stale"))["since"] == since
                    assert (await late.hear("subbed"))["stale_since"] == since
                await one.say("ping")
                await one.hear("pong")
                process.send_signal(signal.SIGCONT)
                assert (await one.hear("stale"))["since"] is None
                await ready(web, 200)
                assert (await pub(one, "away"))["t"] == "ack", "the same id again"
                assert (await pub(one, "perhaps"))["t"] == "ack"
                assert STALE_SINCE not in (await web.get("/api/rooms", headers=head)).headers
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        await asyncio.to_thread(process.wait, PATIENCE)


async def test_a_record_that_cannot_be_applied_keeps_no_gateway_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings()
    hub = Hub(Cursors("secret" * 8), settings.partitions)
    unused: Any = None
    tail = Tail(
        settings, unused, ReadModel(), hub, Presence("g"), Typists(), Answers(), unused, unused, unused
    )  # fmt: skip

    def fail(*_: object) -> None:
        raise KeyError("an entity nobody knows")

    monkeypatch.setattr(tail, "_apply", fail)
    house = PropertySettings(name="T", time_zone="Europe/Lisbon", currency="EUR", departments=[])
    value = encode(
        SettingsRecord(property_id="h", kind="property", id="h", at=1, actor_id="t", property=house)
    )
    try:
        tail._load(ConsumerRecord("settings", 0, 0, 1, 0, b"h", value, None, 1, len(value), ()))
    finally:
        await tail.stop()


async def pub(one: Client, own: str, told: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The ack or nack of a command; a hotel that was just set up may still be unknown.

    What `stale` says meanwhile is added to `told`.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        await one.say("pub", id=own, cmd=f"rooms.{CMD}", d=D)
        while (found := await one.hear("ack", "nack", "stale"))["t"] == "stale":
            if told is not None:
                told.append(found)
        if found.get("code") != "unknown_property" or time.monotonic() > deadline:
            return found


async def ready(web: httpx.AsyncClient, status: int) -> None:
    """Waits until the gateway says whether it is current."""

    async def said() -> bool:
        return (await web.get("/readyz")).status_code == status

    await until(said, f"/readyz never said {status}")
