from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import urllib3

from infra.engines.warehouse.engine import name, quote
from infra.engines.warehouse.errors import ClickHouseError
from infra.runtime.ports import free_row
from tests.fixtures_warehouse import READER_PASSWORD, start_warehouse, stop, wait_ready
from tests.infra.engines.warehouse.conftest import Ask


@pytest.mark.parametrize("text", ["plain", "it's", "back\\slash", "\\'", "`tick`", 'é"'])
def test_quoting_is_what_the_engine_reads(ask: Ask, text: str) -> None:
    assert ask(f"SELECT {quote(text)} AS {name(text)} FORMAT TSVRaw").data.decode() == f"{text}\n"


def test_a_name_is_not_empty() -> None:
    with pytest.raises(ClickHouseError):
        name("")


def test_queries_together_have_a_bound_and_the_process_lives(tmp_path: Path) -> None:
    port = free_row()
    limits = {"CONCIERGE_WAREHOUSE_MEMORY_MB": "512", "CONCIERGE_WAREHOUSE_QUERY_MEMORY_MB": "512"}
    process = start_warehouse(tmp_path, port, **limits)
    try:
        wait_ready(process)
        before = _peak_mb(process.pid)
        headers = {"X-ClickHouse-User": "reader", "X-ClickHouse-Key": READER_PASSWORD}

        def send(sql: bytes) -> urllib3.BaseHTTPResponse:
            url = f"http://127.0.0.1:{port}/"
            return urllib3.request("POST", url, body=sql, headers=headers, retries=False, timeout=60)

        # Alone each may have that; eight at once want six times what there is.
        hungry = [b"SELECT length(groupArray(number)) FROM numbers(30000000)"] * 8
        with ThreadPoolExecutor(8) as pool:
            refused = [answer for answer in pool.map(send, hungry) if answer.status != 200]
        assert {answer.headers["X-ClickHouse-Exception-Code"] for answer in refused} == {"241"}
        assert any(b"(total) memory limit exceeded" in answer.data for answer in refused)
        assert _peak_mb(process.pid) - before < 512 + 160
        assert send(b"SELECT 1").data == b"1\n"
    finally:
        assert stop(process) == 0


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10
