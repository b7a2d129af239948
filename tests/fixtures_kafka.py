"""A real Apache Kafka for the session."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from infra.engines.kafka import broker
from infra.runtime.lifecycle import die_with_parent
from infra.runtime.ports import free_row
from tests.patience import PATIENCE


def free_ports(count: int) -> list[int]:
    """TCP ports of 127.0.0.1 that are free now; all differ."""
    base = free_row(count)
    return list(range(base, base + count))


def run_broker(engine: broker.Broker, log: Path) -> subprocess.Popen[bytes]:
    """Starts the broker and returns when it answers; its output goes to `log`."""
    command = engine.prepare()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
    deadline = time.monotonic() + PATIENCE
    while not broker.answers("127.0.0.1", engine.port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise RuntimeError(f"Kafka did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)
    return process


@contextmanager
def served(home: Path) -> Iterator[str]:
    """host:port of a broker: a fresh one in `home`, or the cluster of CONCIERGE_KAFKA_URL."""
    if url := os.environ.get("CONCIERGE_KAFKA_URL"):
        yield url
        return
    port, controller_port = free_ports(2)
    engine = broker.Broker(home / "data", port, controller_port)
    process = run_broker(engine, home / "kafka.log")
    try:
        yield engine.bootstrap
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of the session's broker."""
    with served(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap
