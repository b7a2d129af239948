from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import urllib3

from infra.engines.warehouse.engine import name, quote
from infra.engines.warehouse.errors import ClickHouseError
from infra.runtime.ports import free_row
from tests.fixtures_warehouse import READER_PASSWORD, WRITER_PASSWORD, start_warehouse, stop, wait_ready
from tests.infra.engines.warehouse.conftest import Ask
from tests.patience import PATIENCE


@pytest.mark.parametrize("text", ["plain", "it's", "back\\slash", "\\'", "`tick`", 'é"'])
def test_quoting_is_what_the_engine_reads(ask: Ask, text: str) -> None:
    assert ask(f"SELECT {quote(text)} AS {name(text)} FORMAT TSVRaw").data.decode() == f"{text}\n"


def test_a_name_is_not_empty() -> None:
    with pytest.raises(ClickHouseError):
        name("")


def test_readers_leave_the_writer_memory_and_the_process_lives(tmp_path: Path) -> None:
    port = free_row()
    limits = {"CONCIERGE_WAREHOUSE_MEMORY_MB": "512", "CONCIERGE_WAREHOUSE_QUERY_MEMORY_MB": "512"}
    process = start_warehouse(tmp_path, port, **limits)
    try:
        wait_ready(process)
        before = _peak_mb(process.pid)
        users = {"reader": READER_PASSWORD, "writer": WRITER_PASSWORD}

        def send(sql: str, user: str) -> urllib3.BaseHTTPResponse:
            url = f"http://127.0.0.1:{port}/"
            headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": users[user]}
            return urllib3.request(
                "POST", url, body=sql.encode(), headers=headers, retries=False, timeout=PATIENCE
            )

        send("CREATE DATABASE hotel", "writer")
        send("CREATE TABLE hotel.t (a Int64) ENGINE = MergeTree ORDER BY a", "writer")
        # Each is far more than a reader may have, and together more than there is.
        hungry = "SELECT length(groupArray(number)) FROM numbers(30000000) SETTINGS max_memory_usage = "
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(send, f"{hungry}{384 << 20}", "reader") for _ in range(6)]
            written = []
            while not all(one.done() for one in asked):
                written.append(send("INSERT INTO hotel.t SELECT number FROM numbers(1000000)", "writer"))
        assert {one.data for one in written} == {b""}
        # One at a time has that much: on a busy machine the last ones wait too long for it.
        codes = {one.result().headers["X-ClickHouse-Exception-Code"] for one in asked}
        assert {"241"} <= codes <= {"241", "202"}
        refused = send(f"{hungry}{385 << 20}, profile = 'default'", "reader")
        assert refused.headers["X-ClickHouse-Exception-Code"] == "452"
        assert _peak_mb(process.pid) - before < 512 + 160
    finally:
        assert stop(process) == 0


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10
