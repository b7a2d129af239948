"""Each knife on parts that are nothing else. On the whole product: tests/faults/test_kill_each.py."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bench import knives
from infra.bench.plan import Strike
from infra.runtime.problems import Problem
from infra.supervisor import health
from infra.supervisor.parts import WORKERS, Part
from tests.patience import PATIENCE, patience

# Answers 200 where its probe shall be, and writes how it was started.
TWIN = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
open("twin", "w").write(os.environ["CONCIERGE_WORKER_ID"] + " " + str(os.getpid()))
http.server.HTTPServer(("127.0.0.1", int(os.environ["CONCIERGE_PROBE_PORT"])), Ready).serve_forever()
"""


class Stack:
    """A part that is ready again as soon as it was killed, or never."""

    def __init__(self, again: bool) -> None:
        self.pid, self.again = 100, again

    def pids(self) -> dict[str, int]:
        return {"sink": self.pid}

    def ready(self, part: str) -> bool:
        return part == "sink"

    def kill(self, pid: int, how: int) -> None:
        assert (pid, how) == (100, signal.SIGKILL)
        self.pid += self.again


@pytest.mark.parametrize("again", [True, False])
async def test_a_kill_waits_for_another_process(again: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stack: Any = Stack(again)
    monkeypatch.setattr(os, "kill", stack.kill)
    monkeypatch.setattr(knives, "AGAIN_SECONDS", 0.2)
    if again:
        await knives.kill(stack, "sink")
    else:
        with pytest.raises(Problem, match=r"sink was not ready in 0 s\."):
            await knives.kill(stack, "sink")


class Sleeper:
    """A stack of one part that sleeps, ready all the time; its deaths are what a test says."""

    def __init__(self, home: Path, pid: int) -> None:
        self.data_dir, self.environment, self.pid = home, dict(os.environ), pid
        self.told: list[tuple[str, str]] = []
        self.died = 0

    def pids(self) -> dict[str, int]:
        return {"worker-0": self.pid}

    def ready(self, part: str) -> bool:
        return part == "worker-0"

    def deaths(self, part: str) -> int:
        return self.died

    def tell(self, name: str, value: str) -> None:
        self.told.append((name, value))


@pytest.fixture
def sleeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sleeper]:
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)
    part = Part("worker-0", WORKERS, (sys.executable, "-c", TWIN), health.running)
    monkeypatch.setattr(knives, "_part", lambda *_: part)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        yield Sleeper(tmp_path, process.pid)
        process.kill()


def state(pid: int) -> str:
    """T: it stands still."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


async def test_what_is_away_stands_still_and_goes_on_as_it_is(sleeper: Any) -> None:
    one = Strike("away", ("worker-0",), 0, seconds=0.3)
    striking = asyncio.create_task(knives.strike(sleeper, one, print))
    async with patience():
        while state(sleeper.pid) != "T":
            await asyncio.sleep(0.01)
        await striking
        while state(sleeper.pid) == "T":
            await asyncio.sleep(0.01)


async def test_a_twin_takes_over_while_the_part_stands_still_and_is_gone_at_the_end(
    sleeper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin: list[str] = []
    monkeypatch.setattr(knives, "AWAKE_SECONDS", 0.0)

    async def answers(check: health.Check, part: str) -> None:
        if part == "the twin of worker-0":
            while await check() is not None:
                await asyncio.sleep(0.01)
            twin.extend((*Path("twin").read_text().split(), state(sleeper.pid)))

    monkeypatch.setattr(knives, "_answers", answers)
    await asyncio.wait_for(
        knives.strike(sleeper, Strike("stop", ("worker-0",), 0, seconds=0.1), print), PATIENCE
    )
    name, pid, meanwhile = twin
    assert (name, meanwhile) == ("twin", "T")
    assert not Path(f"/proc/{pid}").exists()
    assert state(sleeper.pid) != "T"


@pytest.mark.parametrize("reached", [True, False])
async def test_a_failpoint_is_told_to_one_life_and_one_that_is_not_reached_is_said(
    sleeper: Any, reached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills: list[int] = []
    said: list[str] = []

    def kill(pid: int, how: int) -> None:
        kills.append(pid)
        sleeper.died += 2 if reached else 1

    strike = Strike("failpoint", ("worker-0",), 0, point="rooms.fetched", passing=2)
    with monkeypatch.context() as patch:
        patch.setattr(os, "kill", kill)
        patch.setattr(knives, "PASSED_SECONDS", 0.1)
        await knives.strike(sleeper, strike, said.append)
    assert sleeper.told == [("failpoints", "rooms.fetched=2"), ("failpoints", "")]
    assert (len(kills), said) == ((1, []) if reached else (2, ["rooms.fetched=2 was not reached in 0 s"]))
