"""The sink's process: says that it is ready, stops in order on SIGTERM."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from infra.runtime.ports import free_row
from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE
from tests.streams.sinks import stand


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def test_starts_says_so_and_stops(shared: str, warehouse: Warehouse, tmp_path: Path) -> None:
    settings = stand.settings_for(shared, warehouse)
    await stand.prepare(settings)
    port = free_row()
    environment = {
        **os.environ,
        "CONCIERGE_DATA_DIR": str(tmp_path),
        "CONCIERGE_KAFKA_URL": shared,
        "CONCIERGE_PARTITIONS": "6",
        "CONCIERGE_CLICKHOUSE_URL": warehouse.url,
        "CONCIERGE_CLICKHOUSE_DATABASE": settings.clickhouse_database,
        "CONCIERGE_CLICKHOUSE_WRITER": warehouse.writer,
        "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": warehouse.writer_password,
        "CONCIERGE_PROBE_PORT": str(port),
    }
    command = [sys.executable, "-m", "streams.sink"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert await stand.until(lambda: ready(port), True)
    finally:
        process.terminate()
        said, _ = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
    assert process.returncode == 0, said.decode()
