from __future__ import annotations

import asyncio
from typing import Any

import psutil
import pytest
import urllib3

from infra.engines.warehouse import answers, asks
from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.jobs import Summary
from infra.engines.warehouse.pipes import Outlet
from tests.fixtures_warehouse import Warehouse
from tests.infra.engines.warehouse.conftest import Ask


@pytest.mark.parametrize("fmt", ["TSV", "JSON"])
def test_an_error_in_the_middle_is_told_by_its_tag_and_a_broken_end(ask: Ask, fmt: str) -> None:
    answer = ask(f"SELECT throwIf(number = 3000000) FROM numbers(4000000) FORMAT {fmt}", preload=False)
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
    answer = ask("SELECT throwIf(number = 3000000) FROM numbers(4000000)", wait_end_of_query="1")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "395")
    whole = ask("SELECT number FROM numbers(2000000)", wait_end_of_query="1")
    assert whole.data.endswith(b"1999999\n")


async def test_what_waits_for_the_end_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_SPOOL_BYTES", 100)
    outlet = Outlet(asyncio.get_running_loop(), 4)
    for _ in range(3):
        outlet.push(b"x" * 60)
    ask = asks.parse([("wait_end_of_query", "1")], {}, "POST")
    request: Any = None  # nothing is sent or coded
    with pytest.raises(ClickHouseError, match="leave it out"):
        await answers.answer(request, ask, "TSV", outlet, Summary(), request, "")


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
