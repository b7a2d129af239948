"""`concierge tail` shows real records, decoded; what can't be decoded says why."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from infra import topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from infra.supervisor.alerts import Alerts
from infra.supervisor.child import Event
from schemas.topics import SYSTEM
from tests.infra.cli.test_cli import concierge


async def test_a_death_becomes_an_alert_that_tail_shows(kafka: str, tmp_path: Path) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    alerts = Alerts(settings)
    writing = asyncio.create_task(alerts.run())
    alerts.say(Event("sink-of-test", "started", "not an alert"))
    alerts.say(Event("sink-of-test", "died", "sink-of-test was killed by signal 9"))
    arguments = ("tail", "system", "--contains", "sink-of-test", "--limit", "1", "--json")
    done = await asyncio.to_thread(concierge, *arguments, folder=tmp_path, CONCIERGE_KAFKA_URL=kafka)
    writing.cancel()
    line, last = done.stdout.splitlines()
    assert "SystemAlert" in line
    assert "was killed by signal 9" in line
    assert "part_died" in line
    assert json.loads(last) == {"topic": "system", "shown": 1}


async def test_undecodable_bytes_say_why(kafka: str, tmp_path: Path) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    async with shells.producer(settings) as sender:
        await (await sender.send(SYSTEM.name, b"rubbish", key=b"tail-test", partition=0))
    done = await asyncio.to_thread(
        concierge,
        *("tail", "system", "--property", "tail-test", "--no-follow"),
        folder=tmp_path,
        CONCIERGE_KAFKA_URL=kafka,
    )
    assert "undecodable" in done.stdout


def test_an_unknown_topic(tmp_path: Path) -> None:
    done = concierge("tail", "nothing", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "There is no topic 'nothing': `concierge topics` lists them.\n"
