"""A real warehouse for the session: one process on a free port, or the server that the environment names."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.runtime.lifecycle import SUPERVISED
from infra.runtime.ports import free_row
from tests.patience import PATIENCE

WRITER_PASSWORD = "writer-of-the-tests"
READER_PASSWORD = "reader-of-the-tests"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where a warehouse is and who may use it. `embedded` is False for a real ClickHouse server."""

    url: str
    database: str
    writer: str
    writer_password: str = field(repr=False)
    reader: str
    reader_password: str = field(repr=False)
    embedded: bool
    pid: int

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 8123


def start_warehouse(data_dir: Path, port: int, *, bounds: str = "", **extra: str) -> subprocess.Popen[str]:
    """A warehouse process of our own on `data_dir`; does not wait until it is ready.

    `bounds`: what its `main` gets, as in a call, for a test that cannot wait for those that clients have.
    """
    code = f"import sys; from infra.engines.warehouse.__main__ import main; sys.exit(main({bounds}))"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("CONCIERGE_")},
        "CONCIERGE_DATA_DIR": str(data_dir),
        "CONCIERGE_WAREHOUSE_PORT": str(port),
        "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": WRITER_PASSWORD,
        "CONCIERGE_CLICKHOUSE_READER_PASSWORD": READER_PASSWORD,
        SUPERVISED: str(os.getpid()),  # it dies with the tests
        **extra,
    }
    return subprocess.Popen(
        [sys.executable, *(("-c", code) if bounds else ("-m", "infra.engines.warehouse"))],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_ready(process: subprocess.Popen[str], seconds: float = PATIENCE) -> str:
    """The line that the process prints when it is ready. AssertionError if it dies or takes longer."""

    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    line = process.stdout.readline() if ready else ""
    if not line:
        process.kill()
        raise AssertionError(f"no warehouse after {seconds} s: {process.communicate()[1]}")
    return line


def stop(process: subprocess.Popen[str], seconds: float = PATIENCE) -> int:
    """SIGTERM, and the exit code."""
    process.terminate()
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode


@contextmanager
def served(data_dir: Path) -> Iterator[Warehouse]:
    """A warehouse with an empty database `concierge`: a fresh one in `data_dir`, or the server that
    CONCIERGE_CLICKHOUSE_URL names."""
    url = os.environ.get("CONCIERGE_CLICKHOUSE_URL", "")
    if url:
        yield Warehouse(
            url=url,
            database=os.environ.get("CONCIERGE_CLICKHOUSE_DATABASE", "concierge"),
            writer=os.environ.get("CONCIERGE_CLICKHOUSE_WRITER", "writer"),
            writer_password=os.environ["CONCIERGE_CLICKHOUSE_WRITER_PASSWORD"],
            reader=os.environ.get("CONCIERGE_CLICKHOUSE_READER", "reader"),
            reader_password=os.environ["CONCIERGE_CLICKHOUSE_READER_PASSWORD"],
            embedded=False,
            pid=0,
        )
        return
    port = free_row()
    process = start_warehouse(data_dir, port)
    wait_ready(process)
    try:
        started = Warehouse(
            url=f"http://127.0.0.1:{port}",
            database="concierge",
            writer="writer",
            writer_password=WRITER_PASSWORD,
            reader="reader",
            reader_password=READER_PASSWORD,
            embedded=True,
            pid=process.pid,
        )
        create = urllib.request.Request(
            f"{started.url}/",
            data=b"CREATE DATABASE IF NOT EXISTS concierge",
            headers={"X-ClickHouse-User": "writer", "X-ClickHouse-Key": WRITER_PASSWORD},
        )
        urllib.request.urlopen(create, timeout=PATIENCE).read()
        yield started
    finally:
        assert stop(process) == 0, "the warehouse did not end in order"


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The warehouse of this session."""
    with served(tmp_path_factory.mktemp("warehouse")) as started:
        yield started
