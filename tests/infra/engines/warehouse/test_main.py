"""The process: it starts, says so, ends in order, and comes back with all it acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
from pathlib import Path

import pytest
import urllib3

from infra.runtime.ports import free_row
from tests.fixtures_warehouse import (
    READER_PASSWORD,
    WRITER_PASSWORD,
    start_warehouse,
    stop,
    wait_ready,
)
from tests.patience import PATIENCE

WRITER = {"X-ClickHouse-User": "writer", "X-ClickHouse-Key": WRITER_PASSWORD}
READER = {"X-ClickHouse-User": "reader", "X-ClickHouse-Key": READER_PASSWORD}


def post(port: int, sql: str, headers: dict[str, str] = WRITER) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "POST", f"http://127.0.0.1:{port}/", body=sql.encode(), headers=headers, retries=False
    )


def test_kill_it_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    port = free_row()
    process = start_warehouse(tmp_path, port)
    assert json.loads(wait_ready(process))["event"] == "ready"
    second = start_warehouse(tmp_path, free_row())
    assert second.wait(PATIENCE) == 1
    assert f"in use by process {process.pid}" in second.communicate()[1]
    post(port, "CREATE DATABASE concierge")
    post(port, "CREATE TABLE concierge.t (a Int64) ENGINE = MergeTree ORDER BY a")
    acked = [
        number
        for number in range(20)
        if post(port, f"INSERT INTO concierge.t VALUES ({number})").status == 200
    ]
    assert len(acked) == 20
    process.kill()
    process.communicate()
    again = start_warehouse(tmp_path, port)
    wait_ready(again)
    assert post(port, "SELECT count(), sum(a) FROM concierge.t", READER).data == b"20\t190\n"

    slow: list[urllib3.BaseHTTPResponse] = []
    query = threading.Thread(target=lambda: slow.append(post(port, "SELECT sleep(2), 42", READER)))
    query.start()
    while post(port, "SELECT count() FROM system.processes WHERE query LIKE '%42%'").data < b"2":
        pass
    assert stop(again) == 0
    query.join()
    assert slow[0].data == b"0\t42\n"


def test_a_long_query_does_not_hold_it_up(tmp_path: Path) -> None:
    port = free_row()
    process = start_warehouse(tmp_path, port)
    wait_ready(process)
    ended: list[object] = []

    def ask() -> None:
        try:
            ended.append(post(port, "SELECT count() FROM numbers(1000000000000)", READER).status)
        except urllib3.exceptions.HTTPError as problem:
            ended.append(problem)

    query = threading.Thread(target=ask)
    query.start()
    while post(port, "SELECT count() FROM system.processes WHERE query LIKE '%10000000%'").data < b"2":
        pass
    assert stop(process, 60) == 0
    query.join()
    assert ended
    assert ended[0] != 200


# One function on one row, which looks at no clock: a minute and a half, on no machine less than one.
STUCK = "SELECT editDistance(materialize(repeat('a', 60000)), repeat('b', 60000)) FROM numbers(5)"


def ask_in_vain(port: int, sql: str) -> threading.Thread:
    def ask() -> None:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            post(port, sql, READER)

    asking = threading.Thread(target=ask)
    asking.start()
    return asking


def wait_for(port: int, query: str) -> None:
    """Returns once a query that begins so runs."""
    while post(port, f"SELECT count() FROM system.processes WHERE query LIKE '{query}%'").data != b"1\n":
        pass


def test_a_readers_query_that_cannot_be_stopped_ends_the_process(tmp_path: Path) -> None:
    port = free_row()
    process = start_warehouse(tmp_path, port, CONCIERGE_WAREHOUSE_QUERY_SECONDS="1")
    wait_ready(process)
    post(port, "CREATE DATABASE hotel")
    post(port, "CREATE TABLE hotel.t (a Int64) ENGINE = MergeTree ORDER BY a")
    asking = ask_in_vain(port, STUCK)
    acked = 0
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        while post(port, f"INSERT INTO hotel.t VALUES ({acked})").status == 200:
            acked += 1
    assert process.wait(PATIENCE) == 1
    assert "is past its time and cannot be stopped" in process.communicate()[0]
    asking.join()
    again = start_warehouse(tmp_path, port)
    try:
        wait_ready(again)
        assert int(post(port, "SELECT count() FROM hotel.t").data) in (acked, acked + 1)
    finally:
        assert stop(again) == 0


def test_a_query_that_cannot_be_stopped_does_not_hold_up_the_end(tmp_path: Path) -> None:
    port = free_row()
    process = start_warehouse(tmp_path, port, bounds="drain=0.1")
    wait_ready(process)
    asking = ask_in_vain(port, STUCK)
    wait_for(port, "SELECT editDistance")
    assert stop(process, 60) == 0
    asking.join()


def test_a_slow_client_has_its_time_and_no_more(tmp_path: Path) -> None:
    port = free_row()
    process = start_warehouse(tmp_path, port, CONCIERGE_WAREHOUSE_QUERY_SECONDS="1")
    try:
        wait_ready(process)
        sql = "SELECT number FROM numbers(1000000000)"
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            head = "".join(f"{name}: {value}\r\n" for name, value in READER.items())
            client.sendall(
                f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(sql)}\r\n\r\n{sql}".encode()
            )
            assert client.recv(100).startswith(b"HTTP/1.1 200")
            running = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT number%'"
            while post(port, running).data != b"0\n":
                pass
            # It did not take it, and what it takes now does not look like the whole.
            with contextlib.suppress(ConnectionError):
                assert b"\r\n0\r\n\r\n" not in client.makefile("rb").read()
        assert process.poll() is None
    finally:
        assert stop(process) == 0


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    port = free_row()
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.close(read)
        child = start_warehouse(tmp_path, port, CONCIERGE_SUPERVISED=str(os.getpid()))
        wait_ready(child)
        os.write(write, b"x")
        signal.pause()
        os._exit(0)
    os.close(write)
    assert os.read(read, 1) == b"x"
    os.close(read)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    again = start_warehouse(tmp_path, port)
    try:
        wait_ready(again)
    finally:
        assert stop(again) == 0


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ({"CONCIERGE_CLICKHOUSE_READER_PASSWORD": ""}, "has no password"),
        ({"CONCIERGE_DATA_DIR": "/proc/nowhere"}, "cannot write its folder"),
    ],
)
def test_one_clear_sentence(tmp_path: Path, extra: dict[str, str], sentence: str) -> None:
    process = start_warehouse(tmp_path, free_row(), **extra)
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 1
    assert sentence in said
    assert "Traceback" not in said


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start_warehouse(tmp_path, taken.getsockname()[1])
        said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 1
    assert "is taken" in said
    assert "Traceback" not in said


def test_it_counts_its_queries(tmp_path: Path) -> None:
    port, probe = free_row(), free_row()
    process = start_warehouse(tmp_path, port, CONCIERGE_PROBE_PORT=str(probe))
    try:
        wait_ready(process)
        post(port, "SELECT 1", READER)
        post(port, "SELECT throwIf(1)", READER)
        said = urllib3.request("GET", f"http://127.0.0.1:{probe}/metrics").data.decode()
        for outcome in ("ok", "error"):
            assert f'concierge_queries_total{{outcome="{outcome}",user="reader"}} 1.0' in said
        assert urllib3.request("GET", f"http://127.0.0.1:{probe}/readyz").status == 200
    finally:
        assert stop(process) == 0


def test_readers_leave_the_writer_a_place(tmp_path: Path) -> None:
    port = free_row()
    process = start_warehouse(tmp_path, port, CONCIERGE_WAREHOUSE_CONNECTIONS="2")
    wait_ready(process)
    answers: list[int] = []
    asked = "SELECT sleep(3) FORMAT Null"

    def ask() -> None:
        address = f"http://127.0.0.1:{port}/"
        answer = urllib3.request("POST", address, body=asked, headers=READER, timeout=PATIENCE, retries=False)
        answers.append(answer.status)

    readers = [threading.Thread(target=ask) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        running = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep%'"
        found = []
        while any(reader.is_alive() for reader in readers):
            found.append(post(port, running).data)
        assert set(found) <= {b"0\n", b"1\n"}, "of two places, readers have one"
        # One that waits its turn behind two sleeps is answered two or three times.
        assert found.count(b"1\n") > 4, "the writer was answered while they were there"
    finally:
        for reader in readers:
            reader.join()
        assert stop(process) == 0
    assert answers == [200, 200]
