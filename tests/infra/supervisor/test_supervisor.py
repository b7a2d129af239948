"""The order of starting and stopping, a restart after a kill, and no child without its supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.runtime.problems import Problem
from infra.supervisor import health
from infra.supervisor.child import Event
from infra.supervisor.parts import ENGINES, EXTRAS, PREPARE, WORKERS, Part
from infra.supervisor.supervisor import Supervisor
from tests.infra.runtime.test_lifecycle import gone
from tests.patience import PATIENCE, until

STEADY = "import signal, sys, time; from infra.runtime import lifecycle; lifecycle.supervised(); "
WAITS = STEADY + "signal.signal(15, lambda *_: sys.exit(0)); time.sleep(60)"


def part(name: str, stage: int, code: str = WAITS, once: bool = False) -> Part:
    return Part(name, stage, (sys.executable, "-c", code), health.running, once=once)


class Seen:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def names(self, kind: str) -> list[str]:
        return [event.part for event in self.events if event.kind == kind]


async def test_stages_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    seen = Seen()
    table = [
        part("engine", ENGINES),
        part("prepare", PREPARE, "pass", once=True),
        part("worker", WORKERS),
        part("extra", EXTRAS),
    ]
    supervisor = Supervisor(table, tmp_path, seen)
    await supervisor.start(PATIENCE)
    assert (tmp_path / "gate").exists()
    await until(lambda: "extra" in seen.names("ready"))
    order = [(event.part, event.kind) for event in seen.events]
    assert order.index(("prepare", "done")) < order.index(("extra", "started"))
    assert order.index(("worker", "ready")) < order.index(("extra", "started"))
    pids = [child.pid for child in supervisor.children if child.pid]
    await supervisor.stop()
    assert seen.names("stopped") == ["extra", "worker", "prepare", "engine"]
    assert seen.names("died") == []
    assert len(pids) == 3
    assert all(gone(pid) for pid in pids)
    assert not (tmp_path / "gate").exists()


async def test_a_killed_part_is_restarted_at_once_and_said_so(tmp_path: Path) -> None:
    seen = Seen()
    supervisor = Supervisor([part("worker", WORKERS)], tmp_path, seen)
    await supervisor.start(PATIENCE)
    try:
        (child,) = supervisor.children
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: seen.names("ready") == ["worker", "worker"])
        assert child.pid != first
        (death,) = [event for event in seen.events if event.kind == "died"]
        assert death.sentence == "worker was killed by signal 9; it is started again at once"
        assert child.restarts == 1
    finally:
        await supervisor.stop()


async def test_a_part_that_never_gets_ready_fails_the_start_with_its_last_line(tmp_path: Path) -> None:
    code = "import sys; print('Port 1 is taken: use another.'); sys.exit(1)"

    async def never() -> str | None:
        return "not yet"

    engine = Part("engine", ENGINES, (sys.executable, "-c", code), never)
    supervisor = Supervisor([engine], tmp_path, Seen())
    with pytest.raises(Problem, match=r"engine does not start: Port 1 is taken: use another\. \(log: "):
        await supervisor.start(PATIENCE)
    await supervisor.stop()


async def test_a_part_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.supervisor.child.STOP_SECONDS", 0.3)
    deaf = STEADY + "signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    supervisor = Supervisor([part("worker", WORKERS, deaf)], tmp_path, Seen())
    await supervisor.start(PATIENCE)
    pid = supervisor.children[0].pid
    assert pid
    await until(lambda: "deaf" in (tmp_path / "logs" / "worker.log").read_text())
    await supervisor.stop()
    assert gone(pid)


OWNER = """
import asyncio, sys
from pathlib import Path
from infra.supervisor import checks
from infra.supervisor.supervisor import Supervisor
from tests.infra.supervisor.test_supervisor import Seen, part
from tests.patience import PATIENCE, until
async def main(folder):
    lock = checks.lock(folder)
    supervisor = Supervisor([part("engine", 0), part("worker", 2)], folder, Seen())
    await supervisor.start(PATIENCE)
    print(*(child.pid for child in supervisor.children), flush=True)
    await asyncio.sleep(60)
asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_supervisor_killed_leaves_no_child_and_no_lock(tmp_path: Path) -> None:
    from infra.supervisor import checks

    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert owner.stdout
    pids = [int(pid) for pid in (await asyncio.to_thread(owner.stdout.readline)).split()]
    assert len(pids) == 2
    with pytest.raises(Problem, match=f"is in use by process {owner.pid}"):
        checks.lock(tmp_path)
    owner.kill()
    owner.communicate()
    await until(lambda: all(gone(pid) for pid in pids))
    checks.lock(tmp_path).close()
