"""Kafka hangs: each process says so at /readyz, none is restarted for it, and all go on when it answers."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import urllib.error
import urllib.request

from infra.bench.stack import Stack
from infra.supervisor import parts
from tests.patience import PATIENCE

PARTS = ("worker-0", "worker-1", "sink", "push", "gateway-0", "auditor")


def readyz(stack: Stack) -> dict[str, tuple[int, str]]:
    """Status and body of each part's /readyz."""
    found = {}
    for part in parts.table(stack.settings, None):
        if part.name in PARTS:
            url = part.metrics.replace("/metrics", "/readyz")
            try:
                with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                    found[part.name] = (answer.status, answer.read().decode())
            except urllib.error.HTTPError as error:
                with error:
                    found[part.name] = (error.code, error.read().decode())
    return found


async def until(stack: Stack, status: int) -> dict[str, tuple[int, str]]:
    deadline = time.monotonic() + PATIENCE
    while True:
        said = await asyncio.to_thread(readyz, stack)
        if {code for code, _ in said.values()} == {status}:
            return said
        assert time.monotonic() < deadline, [one for one in said.items() if one[1][0] != status]
        await asyncio.sleep(0.1)


async def test_a_silent_kafka_is_said_by_everybody_and_everybody_comes_back(stack: Stack) -> None:
    await until(stack, 200)
    before = stack.pids()
    os.killpg(before["kafka"], signal.SIGSTOP)
    try:
        said = await until(stack, 503)
    finally:
        os.killpg(before["kafka"], signal.SIGCONT)
    assert said.keys() == set(PARTS)
    for part in PARTS:
        assert "Kafka has not answered since 20" in said[part][1]
    assert '"stale_since":1' in said["gateway-0"][1]
    await until(stack, 200)
    assert {part: stack.pids()[part] for part in PARTS} == {part: before[part] for part in PARTS}
