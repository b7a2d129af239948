"""What a stack reads in the supervisor's words; its life is tested with the faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.bench.stack import Stack
from infra.runtime.problems import Problem
from infra.runtime.settings import SECRETS_FILE, parse

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
    died = SAID + "sink was killed by signal 9; it is started again in 2 s\n"
    stack.log.write_text(died + "kafka ended with code 1; it is started again at once\n")
    assert not stack.ready("sink")
    assert (stack.deaths("sink"), stack.deaths("push")) == (1, 0)
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


def test_what_it_is_told_stands_behind_its_secrets_until_it_is_taken_back(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.data_dir.mkdir()
    file = stack.data_dir / SECRETS_FILE
    file.write_text("CONCIERGE_JWT_SECRET=s\n")
    stack.tell("failpoints", "sink.fetched=1")
    stack.tell("clickhouse_url", "http://127.0.0.1:1")
    told = parse(file.read_text())
    assert told["CONCIERGE_FAILPOINTS"] == "sink.fetched=1"
    assert told["CONCIERGE_CLICKHOUSE_URL"] == "http://127.0.0.1:1"
    assert (stack.settings.failpoints, stack.settings.clickhouse_url) == ("", "")
    assert stack.settings.jwt_secret.get_secret_value() == "s"
    stack.tell("failpoints", "")
    assert "FAILPOINTS" not in file.read_text()
    stack.tell("clickhouse_url", "")
    assert file.read_text() == "CONCIERGE_JWT_SECRET=s\n"
    assert file.stat().st_mode & 0o777 == 0o600
