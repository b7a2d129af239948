"""Who stands still: looks at positions and ends, and a process that ends itself with its stacks."""

from __future__ import annotations

import asyncio
import os
import sys

from aiokafka import TopicPartition

from infra import topics as broker_topics
from infra.runtime import kafka as shells
from infra.runtime import watchdog
from infra.runtime.settings import Settings
from schemas import topics
from schemas.ids import new_id
from streams.agents.progress import EXIT_STALLED, LOOK_EVERY_S, STALL_LOOKS, Progress, measure
from tests.patience import PATIENCE

COMMANDS, INTAKE = TopicPartition("rooms.commands", 0), TopicPartition("rooms.intake", 0)


def _looks(progress: Progress, at: dict[TopicPartition, int], ends: dict[TopicPartition, int], n: int) -> int:
    return sum(bool(progress.look({"rooms": at}, ends)) for _ in range(n))


def test_work_without_progress_is_a_stall_and_no_work_is_none() -> None:
    assert _looks(Progress(), {COMMANDS: 5}, {COMMANDS: 5}, 3 * STALL_LOOKS) == 0
    assert _looks(Progress(), {COMMANDS: 5}, {}, 3 * STALL_LOOKS) == 0
    assert _looks(Progress(), {COMMANDS: 5}, {COMMANDS: 6}, STALL_LOOKS) == 0
    progress = Progress()
    assert _looks(progress, {COMMANDS: 5}, {COMMANDS: 6}, STALL_LOOKS + 1) == 1
    assert progress.look({"rooms": {COMMANDS: 5}}, {COMMANDS: 6}) == [("rooms", {COMMANDS: 5})]


def test_each_step_begins_the_count_again() -> None:
    progress = Progress()
    assert all(not _looks(progress, {COMMANDS: n}, {COMMANDS: 100}, STALL_LOOKS) for n in range(5))


def test_commands_that_stand_still_are_seen_beside_an_intake_that_moves() -> None:
    progress = Progress()
    found = [
        progress.look({"rooms": {COMMANDS: 5, INTAKE: n}}, {COMMANDS: 6, INTAKE: 1000})
        for n in range(STALL_LOOKS + 1)
    ]
    assert found[-1] == [("rooms", {COMMANDS: 5})]
    assert not any(found[:-1])


def test_lag_and_age_are_metrics_of_each_reader() -> None:
    progress = Progress()
    at, ends = {"meter": {COMMANDS: 5, INTAKE: 7}}, {COMMANDS: 15, INTAKE: 7}
    for _ in range(3):
        progress.look(at, ends)
    measure(at, ends, progress)
    assert watchdog.values("concierge_lag_records")["meter"] == 10
    assert watchdog.values("concierge_commit_age_seconds")["meter"] == 2 * LOOK_EVERY_S


async def test_a_process_whose_reader_stands_still_ends_with_its_stacks(shared: str) -> None:
    settings = Settings(kafka_url=shared)
    await broker_topics.ensure(settings)
    hotel = new_id()
    async with shells.producer(settings) as producer:
        place = await producer.send_and_wait(
            topics.SYSTEM.name, b"work", partition=topics.partition_of(hotel, settings.partitions)
        )
    code = (
        "import asyncio\n"
        "from aiokafka import TopicPartition as P\n"
        "from infra.runtime.settings import load\n"
        "from streams.agents.progress import watch\n"
        f"at = {{'idle': {{P('system', {place.partition}): {place.offset}}}}}\n"
        "asyncio.run(watch(load(), lambda: at, every_s=0.01))\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        env=os.environ | {"CONCIERGE_KAFKA_URL": shared},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == EXIT_STALLED, output.decode()
    assert b"stalled" in output
    assert b"progress.py" in output, "the stacks are in the log"
