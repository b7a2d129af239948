from __future__ import annotations

import psutil
import pytest
import urllib3

from tests.fixtures_warehouse import Warehouse
from tests.infra.engines.warehouse.conftest import Ask


@pytest.mark.parametrize("fmt", ["TSV", "JSON"])
def test_an_error_in_the_middle_is_told_by_its_tag_and_a_broken_end(ask: Ask, fmt: str) -> None:
    answer = ask(f"SELECT throwIf(number = 9000000) FROM numbers(10000000) FORMAT {fmt}", preload=False)
    assert answer.status == 200
    tag = answer.headers["X-ClickHouse-Exception-Tag"].encode()
    tail = b""

    def read() -> None:
        nonlocal tail
        for chunk in answer.stream(1 << 20):
            tail = (tail + chunk)[-4096:]

    with pytest.raises(urllib3.exceptions.ProtocolError):
        read()
    assert b"__exception__\r\n" + tag in tail
    assert b"Code: 395." in tail
    assert tail.endswith(tag + b"\r\n__exception__\r\n")


@pytest.mark.parametrize("fmt", ["Native", "TSV"])
def test_an_empty_native_answer_has_no_bytes(ask: Ask, fmt: str) -> None:
    assert ask(f"SELECT 1 WHERE 0 FORMAT {fmt}").data == b""


def test_waiting_for_the_end_makes_errors_clean(ask: Ask) -> None:
    answer = ask("SELECT throwIf(number = 9000000) FROM numbers(10000000)", wait_end_of_query="1")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "395")
    whole = ask("SELECT number FROM numbers(2000000)", wait_end_of_query="1")
    assert whole.data.endswith(b"1999999\n")


@pytest.mark.parametrize("fmt", ["Native", "JSON"])
def test_large_results_stream_in_bounded_memory(ask: Ask, warehouse: Warehouse, fmt: str) -> None:
    if not warehouse.embedded:
        pytest.skip("a server's memory is its own business")
    process = psutil.Process(warehouse.pid)
    before = most = process.memory_info().rss
    size = 0
    # 400 MB as Native, 600 MB as JSON.
    rows = 50_000_000 if fmt == "Native" else 20_000_000
    for chunk in ask(f"SELECT number FROM numbers({rows}) FORMAT {fmt}", "reader", preload=False).stream(
        1 << 22
    ):
        size += len(chunk)
        most = max(most, process.memory_info().rss)
    assert size > 390_000_000
    assert most - before < 200_000_000
