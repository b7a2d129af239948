"""What stands in the way of `concierge up` is one sentence, before anything runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bench import stack
from infra.cli import load
from infra.cli.up import _unless_stopped
from infra.engines.kafka import jars
from infra.runtime.ports import free_row
from infra.supervisor import checks
from tests.infra.cli.test_cli import concierge
from tests.infra.runtime.test_lifecycle import gone
from tests.patience import PATIENCE


def up(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`concierge up` on ports that nobody uses."""
    ports = {f"CONCIERGE_{name}_PORT": str(port) for name, port in stack.free_ports().items()}
    return concierge("up", "--no-simulate", folder=folder, **ports, **env)


def assert_one_sentence(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert "started, pid" not in done.stdout


def test_a_data_folder_in_use(tmp_path: Path) -> None:
    with checks.lock(tmp_path):
        assert_one_sentence(up(tmp_path), f"The data folder {tmp_path} is in use by process ")


def test_a_further_gateways_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_row(2) + 1)) as taken:
        port = taken.getsockname()[1]
        done = concierge(*("up", "--gateways", "2"), folder=tmp_path, CONCIERGE_GATEWAY_PORT=str(port - 1))
    assert_one_sentence(done, f"Port {port} is taken ")


def test_a_download_that_fails(tmp_path: Path) -> None:
    config = tmp_path / "jgo.conf"
    config.write_text("[repositories]\ncentral = http://127.0.0.1:1\n")
    done = up(tmp_path / "data", XDG_CACHE_HOME=str(tmp_path / "cache"), JGO_CONFIG_FILE=str(config))
    assert_one_sentence(done, " of Kafka could not be downloaded ")


def test_a_changed_jar(tmp_path: Path) -> None:
    paths = jars.ensure()
    cache = tmp_path / "cache" / "concierge-live" / paths[0].parent.name
    cache.mkdir(parents=True)
    for path in paths:
        (cache / path.name).symlink_to(path)
    (cache / paths[5].name).unlink()
    (cache / paths[5].name).write_bytes(b"changed")
    done = up(tmp_path / "data", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert_one_sentence(done, f"{cache / paths[5].name} is not the jar this project was tested with")


# The command itself, with two parts that need no engine.
SMALL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from infra.cli import main
from infra.supervisor import parts
from tests.infra.supervisor.test_supervisor import part
parts.table = lambda *_: [part("engine", 0), part("worker", 2)]
sys.argv = ["concierge", "up", "--no-simulate", "--json"]
main()
"""


def test_ctrl_c_in_a_terminal_stops_all_in_order(tmp_path: Path) -> None:
    ports = stack.free_ports()
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CONCIERGE_")},
        "CONCIERGE_DATA_DIR": str(tmp_path),
        "CONCIERGE_KAFKA_URL": "127.0.0.1:1",
        "CONCIERGE_CLICKHOUSE_URL": "http://127.0.0.1:1",
        "CONCIERGE_GATEWAY_PORT": str(ports["GATEWAY"]),
        "CONCIERGE_DASHBOARD_PORT": str(ports["DASHBOARD"]),
        "CONCIERGE_PROBE_BASE_PORT": str(ports["PROBE_BASE"]),
        "TERM": "xterm",
    }
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-c", SMALL]
    process = subprocess.Popen(
        command, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    read, lives = b"", False
    with contextlib.suppress(OSError):  # Linux says so when the last writer is gone
        while chunk := os.read(terminal, 65536):
            read += chunk
            if not lives and b"sign in as" in read:
                lives = True  # the panel
                os.write(terminal, b"\x03")
    os.close(terminal)
    said = read.decode()
    assert process.wait(PATIENCE) == 0, said[-2000:]
    assert re.search(r"ready in [0-9.]+ s\r\n", said)
    assert said.index("worker stopped") < said.index("engine stopped")
    assert all(gone(int(child)) for child in re.findall(r"started, pid (\d+)", said))
    checks.lock(tmp_path).close()
    last = json.loads(said.splitlines()[-1])
    assert isinstance(last["ready_seconds"], float)
    assert last["restarts"] == {"engine": 0, "worker": 0}


@pytest.mark.parametrize("option", ["hotels", "rooms", "speed"])
def test_what_it_tells_the_simulator_the_simulator_takes(option: str) -> None:
    ours, theirs = (
        next(one for one in load(name).params if one.name == option) for name in ("up", "simulate")
    )
    assert (ours.min, ours.max, ours.default) == (theirs.min, theirs.max, theirs.default)


async def test_a_start_is_given_up_when_it_is_to_stop() -> None:
    stop, begun, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def start() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(_unless_stopped(stop, start()))
    await begun.wait()
    stop.set()
    assert not await task
    assert ended.is_set()


async def test_a_start_that_fails_says_so() -> None:
    async def start() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await _unless_stopped(asyncio.Event(), start())
