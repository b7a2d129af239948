"""One kill of each kind of wait. Every knife on a whole product: tests/faults/test_knives.py."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from infra.bench import knives
from infra.runtime.problems import Problem


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
