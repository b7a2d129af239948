"""While Kafka is away: sockets stay, a pub is told when to try again, and later everything goes on."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import httpx

from infra.engines.kafka import broker
from infra.runtime.kafka import send
from schemas import topics
from schemas.records.settings import PropertySettings, SettingsRecord
from tests.fixtures_kafka import free_ports, run_broker
from tests.gateway.support import Client, client, running, token

D = {"room_id": "101", "dimension": "housekeeping", "value": "dirty"}


async def test_kafka_away(tmp_path: Path) -> None:
    port, controller_port = free_ports(2)
    process = run_broker(broker.Broker(tmp_path / "data", port, controller_port), tmp_path / "kafka.log")
    try:
        async with running(f"127.0.0.1:{port}") as own, httpx.AsyncClient(base_url=own.url) as web:
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
            async with client(own, token("manager", "h"), resume={"staff:h": None}) as one:
                await one.hear("subbed")
                assert (await pub(one, "before"))["t"] == "ack"
                process.send_signal(signal.SIGSTOP)
                await ready(web, 503)
                nack = await pub(one, "away")
                assert (nack["code"], nack["retry_after"]) == ("log_unavailable", 2.0)
                await one.say("ping")
                await one.hear("pong")
                process.send_signal(signal.SIGCONT)
                await ready(web, 200)
                assert (await pub(one, "away"))["t"] == "ack", "the same id again"
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


async def pub(one: Client, own: str) -> dict[str, Any]:
    """The ack or nack of a command; a hotel that was just set up may still be unknown."""
    deadline = time.monotonic() + 10
    while True:
        await one.say("pub", id=own, cmd="rooms.set_room_status", d=D)
        found = await one.either("ack", "nack")
        if found.get("code") != "unknown_property" or time.monotonic() > deadline:
            return found


async def ready(web: httpx.AsyncClient, status: int) -> None:
    """Waits until the gateway says whether it is current."""
    deadline = time.monotonic() + 30
    while (await web.get("/readyz")).status_code != status:
        assert time.monotonic() < deadline, f"/readyz never said {status}"
        await asyncio.sleep(0.05)
