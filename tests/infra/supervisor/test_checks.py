"""What stands in the way of a start is one sentence that says what to do."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.supervisor import checks


def test_a_taken_port_names_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=rf"Port {port} is taken .* set CONCIERGE_KAFKA_PORT to another"):
            checks.ports([("CONCIERGE_KAFKA_PORT", "127.0.0.1", port)])
    checks.ports([("CONCIERGE_KAFKA_PORT", "127.0.0.1", port)])


def test_a_port_that_cannot_be() -> None:
    with pytest.raises(
        Problem, match=r"Port 65536 is beyond 65535: set CONCIERGE_GATEWAY_PORT to a lower one"
    ):
        checks.ports([("CONCIERGE_GATEWAY_PORT", "127.0.0.1", 65_536)])


def test_a_port_that_two_want() -> None:
    free = free_row()
    wanted = [("CONCIERGE_KAFKA_PORT", "127.0.0.1", free), ("CONCIERGE_GATEWAY_PORT", "127.0.0.1", free)]
    with pytest.raises(
        Problem, match=r"twice: set CONCIERGE_GATEWAY_PORT or CONCIERGE_KAFKA_PORT to another"
    ):
        checks.ports(wanted)


def test_an_address_that_is_none() -> None:
    with pytest.raises(Problem, match=r"no\.such\.invalid is no address .* mend CONCIERGE_HOST"):
        checks.ports([("CONCIERGE_GATEWAY_PORT", "no.such.invalid", free_row())])
    with pytest.raises(Problem, match=r"192\.0\.2\.1 is no address of this machine: mend CONCIERGE_HOST"):
        checks.ports([("CONCIERGE_GATEWAY_PORT", "192.0.2.1", free_row())])


def test_a_port_for_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)  # the tests may run as root
    with pytest.raises(Problem, match=r"Port 80 is for root alone: set CONCIERGE_GATEWAY_PORT to one above"):
        checks.ports([("CONCIERGE_GATEWAY_PORT", "127.0.0.1", 80)])


@pytest.mark.parametrize(
    ("workers", "says"),
    [
        ("alerts,rooms|staff", "give alerts a worker of its own"),
        ("alerts|rooms,staff|staff", "'staff' stands twice in CONCIERGE_WORKER_AGENTS"),
    ],
)
def test_agents_that_would_hold_each_other_up(workers: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        checks.agents(workers)


def test_the_default_agents_are_fine() -> None:
    checks.agents(Settings().worker_agents)


def test_a_data_folder_has_one_owner(tmp_path: Path) -> None:
    with checks.lock(tmp_path), pytest.raises(Problem, match="is in use by process"):
        checks.lock(tmp_path)
    checks.lock(tmp_path).close()


def test_who_holds_the_data_folder(tmp_path: Path) -> None:
    assert checks.owner(tmp_path) is None
    with checks.lock(tmp_path):
        assert checks.owner(tmp_path) == os.getpid()
    assert checks.owner(tmp_path) is None


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match=r"can't be used .* CONCIERGE_DATA_DIR"):
        checks.lock(tmp_path / "file" / "data")


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("/dev/full")
    with pytest.raises(Problem, match=r"can't be written .* free some space"):
        checks.lock(tmp_path)


def test_a_full_disk(tmp_path: Path) -> None:
    checks.free_space(tmp_path, least=1)
    with pytest.raises(Problem, match=r"is full .* free some space"):
        checks.free_space(tmp_path, least=2**60)
