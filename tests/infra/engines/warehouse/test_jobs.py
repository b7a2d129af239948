"""Many queries at once: each has its own settings, database, tables and cancel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.infra.engines.warehouse.conftest import Ask


def test_requests_side_by_side_do_not_mix(ask: Ask, events: str) -> None:
    def one(number: int) -> bool:
        threads = str(number % 4 + 1)
        fmt = ("TSV", "CSVWithNames")[number % 2]
        sql = "SELECT getSetting('max_threads') AS t, {x:Int32} AS x"
        answer = ask(f"{sql} FORMAT {fmt}", "reader", max_threads=threads, param_x=str(number))
        last = answer.data.decode().splitlines()[-1].replace("\t", ",")
        return last == f"{threads},{number}"

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(one, range(200)))


def test_totals_are_not_lost(ask: Ask, events: str) -> None:
    answer = ask("SELECT n % 2 AS k, count() FROM events GROUP BY k WITH TOTALS ORDER BY k", "reader")
    assert answer.data == b"0\t500\n1\t500\n\n0\t1000\n"
