"""What a stack reads in the supervisor's words; its life is tested with the faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.bench.stack import Stack
from infra.runtime.problems import Problem

SAID = (
    "kafka started, pid 10\nsink started, pid 11\nprepare started, pid 12\nprepare done\n"
    "sink ready\nkafka ready\nready in 4.2 s\n"
)


def test_pids_and_readiness_are_those_of_the_newest_start(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.log.write_text(SAID)
    assert stack.pids() == {"kafka": 10, "sink": 11, "prepare": 12}
    assert stack.ready("sink")
    assert stack.wait() == 4.2
    with pytest.raises(Problem, match="does not run"):
        stack.settle()  # the dashboard is named after `ready` only
    stack.log.write_text(SAID + "dashboard started, pid 13\ndashboard ready\n")
    stack.settle()
    stack.log.write_text(SAID + "sink started, pid 22\n")
    assert stack.pids()["sink"] == 22
    assert not stack.ready("sink")


def test_a_stack_that_does_not_run_says_so(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    with pytest.raises(Problem, match="does not run"):
        stack.wait()
    stack.log.write_text(SAID + "dashboard started, pid 13\n")
    with pytest.raises(Problem, match="does not run"):
        stack.settle()
    stack.stop()


def test_its_settings_and_its_environment_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_GATEWAYS", "9")
    stack = Stack(tmp_path)
    assert "CONCIERGE_GATEWAYS" not in stack.environment
    assert stack.settings.gateways == 1
    assert stack.environment["CONCIERGE_KAFKA_PORT"] == str(stack.settings.kafka_port)
    more = Stack(tmp_path, push_allow_loopback="true")
    assert more.environment["CONCIERGE_PUSH_ALLOW_LOOPBACK"] == "true"
    assert more.settings.push_allow_loopback
    assert len(set(stack.ports.values())) == len(stack.ports)
