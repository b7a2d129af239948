"""The event that ends a cold start, and a bench that is stopped half way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from infra.bench import alone
from infra.bench.stack import Stack
from infra.runtime.problems import Problem


async def test_a_stack_that_died_is_not_waited_for(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    with pytest.raises(Problem, match="does not run"):
        await alone.listening(stack.settings.gateway_port, stack)


async def test_stopped_half_way_it_leaves_nothing(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CONCIERGE_")}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.cli", "bench", "coldstart", "--json"),
        env={**clean, "TMPDIR": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        while not any("kafka started" in log.read_text() for log in tmp_path.glob("*/up.log")):
            await asyncio.sleep(0.05)
        child.send_signal(signal.SIGTERM)
        said, sorry = await child.communicate()
    assert (child.returncode, said) == (1, b"")
    assert b"stopped before its end" in sorry
    assert not list(tmp_path.glob("concierge-bench-*"))
