"""`concierge tail` shows real records, decoded; what can't be decoded says why."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from infra import topics
from infra.cli.tail import said
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from infra.supervisor.alerts import Alerts
from infra.supervisor.child import Event
from schemas.topics import SYSTEM
from tests.infra.cli.test_cli import concierge
from tests.patience import PATIENCE


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


async def test_a_key_does_not_steer_the_terminal(kafka: str, tmp_path: Path) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    hotel = "tail\x1b[2J\nforged \u202e"
    async with shells.producer(settings) as sender:
        await (await sender.send(SYSTEM.name, b"rubbish", key=hotel.encode(), partition=0))
    arguments = ("tail", "system", "--property", hotel, "--no-follow")
    done = await asyncio.to_thread(concierge, *arguments, folder=tmp_path, CONCIERGE_KAFKA_URL=kafka)
    (line,) = done.stdout.splitlines()
    assert r"tail\x1b[2J\nforged \u202e" in line


async def test_who_reads_only_the_first_lines_is_told_of_no_trouble(kafka: str, tmp_path: Path) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    async with shells.producer(settings) as sender:
        for _ in range(2_000):  # more than a pipe holds
            await sender.send(SYSTEM.name, b"rubbish" * 50, key=b"tail-pipe", partition=0)
        await sender.flush()
    script = (
        f"{sys.executable} -m infra.cli tail system --property tail-pipe --last 2000 --no-follow | head -1"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-o", "pipefail", "-c", script],
        env=os.environ | {"CONCIERGE_DATA_DIR": str(tmp_path), "CONCIERGE_KAFKA_URL": kafka},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")


def test_what_a_fact_is_not_is_not_shown() -> None:
    assert said({"a": None, "facts": [{"b": 1, "c": None}], "d": [None]}) == {
        "facts": [{"b": 1}],
        "d": [None],
    }


def test_an_unknown_topic(tmp_path: Path) -> None:
    done = concierge("tail", "nothing", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "There is no topic 'nothing': `concierge topics` lists them.\n"
