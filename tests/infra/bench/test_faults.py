"""What the fault bench says of a report, and one kill of each kind of wait. Whole runs: tests/faults."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from infra.bench import faults
from infra.oracle.verify import Report
from infra.runtime.problems import Problem


def test_what_it_says_of_a_report() -> None:
    tables = {
        "charges": {"rows": 3, "hash": "0", "lacks": 2, "surplus": 0},
        "decisions": {"rows": 3, "hash": "0", "lacks": 1, "surplus": 4},
        "chat_events": {"rows": 3, "hash": "0", "lacks": 0, "surplus": 0},
    }
    report = Report(equal=False, tables=tables, wrong_answers=1, wrong_values=2, owed=5, behind=6)
    said = faults.figures(report, 10, 7, 1.26)
    assert (said["lost"], said["doubled"], said["differing_tables"], said["wrong"]) == (3, 4, 2, 3)
    assert (said["kills"], said["seed"], said["unanswered"], said["unwritten"]) == (10, 7, 5, 6)


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
    monkeypatch.setattr(faults, "AGAIN_SECONDS", 0.2)
    if again:
        await faults.kill(stack, "sink")
    else:
        with pytest.raises(Problem, match=r"sink was not ready in 0 s\."):
            await faults.kill(stack, "sink")
