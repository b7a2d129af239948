"""Letters are listed, shown and dropped, by id or by what they have in common."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

from msgspec.structs import replace

from infra.runtime.kafka import send
from schemas.ids import new_id
from schemas.topics import DEAD_LETTERS
from tests.fixtures_warehouse import Warehouse
from tests.infra.cli.test_cli import concierge
from tests.infra.cli.test_verify import environment
from tests.infra.letters.test_describing import LETTER
from tests.streams.sinks import stand


async def test_from_found_to_dropped(kafka: str, warehouse: Warehouse, tmp_path: Path) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await stand.prepare(settings)
    letter = replace(LETTER, property_id=hotel, event_id=new_id(), topic="import/x")
    async with stand.producing(settings) as producer:
        await send(producer, settings, DEAD_LETTERS, hotel, letter)
    env = environment(kafka, warehouse, settings.clickhouse_database)

    async def dead(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(lambda: concierge("dead", *arguments, folder=tmp_path, **env))

    listed = await dead("list", "--property", hotel, "--json")
    assert listed.stdout.startswith(f"{letter.event_id[:8]}  1970-01-01 00:00:00  sink")
    (one,) = json.loads(listed.stdout.splitlines()[-1])["letters"]
    assert (one["event_id"], one["value"]) == (letter.event_id, LETTER.value.hex() if LETTER.value else "")

    shown = await dead("show", letter.event_id)
    assert "reason     not in Confluent framing" in shown.stdout

    failed = await dead("replay", "--property", hotel)
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"Dead letter {letter.event_id} came from import/x, which is no topic")

    dropped = await dead("drop", letter.event_id, "--json")
    assert dropped.returncode == 0, dropped.stderr
    assert json.loads(dropped.stdout.splitlines()[-1]) == {"done": 1, "failed": {}}
    assert "0 dead letters" in (await dead("list", "--property", hotel)).stdout
    assert "dropped" in (await dead("list", "--property", hotel, "--closed")).stdout


def test_all_of_them_is_never_meant_by_saying_nothing(tmp_path: Path) -> None:
    for command in ("replay", "drop"):
        done = concierge("dead", command, folder=tmp_path)
        assert done.returncode == 1
        assert done.stderr == "Which letters? Give ids, or --property, --topic or --found-by.\n"
