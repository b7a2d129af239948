"""What stands in the way of `concierge up` is one sentence, before anything runs."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from infra.cli.up import _unless_stopped
from infra.engines.kafka import jars
from infra.supervisor import checks
from tests.fixtures_kafka import free_ports
from tests.infra.cli.test_cli import concierge


def up(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`concierge up` on ports that nobody uses."""
    names = ("KAFKA", "KAFKA_CONTROLLER", "WAREHOUSE", "GATEWAY", "DASHBOARD")
    ports = {f"CONCIERGE_{name}_PORT": str(port) for name, port in zip(names, free_ports(5), strict=True)}
    return concierge("up", "--no-simulate", folder=folder, **ports, **env)


def assert_one_sentence(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert "started, pid" not in done.stdout


def test_a_data_folder_in_use(tmp_path: Path) -> None:
    with checks.lock(tmp_path):
        assert_one_sentence(up(tmp_path), f"The data folder {tmp_path} is in use by process ")


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
