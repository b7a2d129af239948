from __future__ import annotations

import asyncio
import contextlib
import gzip
import select
import socket
from pathlib import Path

import pytest
import urllib3
from aiohttp import web

from infra.engines.warehouse import door
from infra.engines.warehouse.bodies import Held, Pace, chunks
from infra.engines.warehouse.errors import ClickHouseError
from infra.runtime.ports import free_row
from tests.fixtures_warehouse import (
    READER_PASSWORD,
    WRITER_PASSWORD,
    Warehouse,
    start_warehouse,
    stop,
    wait_ready,
)
from tests.infra.engines.warehouse.conftest import Ask


def post(warehouse: Warehouse, fields: dict[str, object], url: str = "") -> urllib3.BaseHTTPResponse:
    headers = {"X-ClickHouse-User": warehouse.reader, "X-ClickHouse-Key": warehouse.reader_password}
    return urllib3.request("POST", f"{warehouse.url}/?{url}", fields=fields, headers=headers)  # type: ignore[arg-type]  # dict of parts


def test_tables_that_come_with_the_query(warehouse: Warehouse) -> None:
    answer = post(
        warehouse,
        {
            "t": ("t", b"1,x\n2,y\n"),
            "query": "SELECT sum(a), max(b) FROM t WHERE a < {top:Int32}",
            "param_top": "9",
        },
        "t_structure=a+Int32,b+String&t_format=CSV",
    )
    assert answer.data == b"3\ty\n"
    assert post(warehouse, {"t": ("t", b"5\n")}, "query=SELECT+_1+FROM+t&t_types=UInt8").data == b"5\n"


def test_tables_in_a_readers_session(warehouse: Warehouse) -> None:
    url = "session_id=with-tables&t_types=UInt8&query=SELECT+_1+FROM+t"
    for number in (b"5", b"6"):
        assert post(warehouse, {"t": ("t", number)}, url).data == number + b"\n"


@pytest.mark.parametrize(
    "row", ["(file('/etc/hostname'))", "((SELECT any(query) FROM system.processes))", "(upper('x'))"]
)
def test_rows_that_come_with_the_query_are_no_expressions(warehouse: Warehouse, row: str) -> None:
    if not warehouse.embedded:
        pytest.skip("a server reads them with the rights of the user")
    url = "query=SELECT+*+FROM+t&t_structure=a+String&t_format=Values"
    assert post(warehouse, {"t": ("t", row.encode())}, url).status >= 400
    on = "&input_format_values_interpret_expressions=1"
    assert post(warehouse, {"t": ("t", row.encode())}, url + on).status >= 400
    assert post(warehouse, {"t": ("t", b"('y')")}, url).data == b"y\n"


def test_a_session_survives_rows_that_cannot_be_read(warehouse: Warehouse) -> None:
    url = "session_id=survives&max_block_size=17&query=SELECT+*+FROM+t&t_structure=a+UInt8"
    assert post(warehouse, {"t": ("t", b"many\n")}, url).status == 400
    after = "session_id=survives&t_structure=a+UInt8&query="
    said = post(warehouse, {"t": ("t", b"7\n")}, after + "SELECT+a,getSetting('max_block_size')=17+FROM+t")
    assert said.data == b"7\t0\n"
    if warehouse.embedded:
        roles = post(warehouse, {"t": ("t", b"7\n")}, after + "SELECT+currentRoles()")
        assert roles.data == b"['reader']\n"


def test_forms_are_bounded(warehouse: Warehouse) -> None:
    long = post(warehouse, {"query": "SELECT " + "1," * 1_000_000 + "1"})
    assert (long.status, long.headers["X-ClickHouse-Exception-Code"]) == (413, "229")
    if warehouse.embedded:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        headers |= {"X-ClickHouse-User": warehouse.reader, "X-ClickHouse-Key": warehouse.reader_password}
        body = b"--x\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n\r\n--x--\r\n"
        assert urllib3.request("POST", warehouse.url, body=body, headers=headers).status == 400


def test_forms_of_all_requests_are_bounded_together() -> None:
    held = Held(100)
    with held.share() as first, held.share() as second:
        first(60)
        with pytest.raises(ClickHouseError) as refused:
            second(60)
        assert refused.value.code == 241
        second(40)
    with held.share() as third:
        third(100)


def test_many_forms_at_once(warehouse: Warehouse) -> None:
    """Clients whose forms stop before the end: a seventh of 10 MiB would be too much, and nobody else is."""
    if not warehouse.embedded:
        pytest.skip("a server's bounds are its own")
    head = (
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"X-ClickHouse-User: {warehouse.reader}\r\nX-ClickHouse-Key: {warehouse.reader_password}\r\n"
        f"Content-Length: {15 << 20}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection((warehouse.host, warehouse.port), 20))
            for _ in range(8)
        ]
        for client in clients:
            client.sendall(head.encode() + b"x" * (10 << 20))
        refused, _, _ = select.select(clients, [], [], 20)
        assert refused
        assert b"X-ClickHouse-Exception-Code: 241" in refused[0].recv(1 << 16)
        assert post(warehouse, {"query": "SELECT 1"}).status in (200, 503)
    answer = post(warehouse, {"t": ("t", b"5\n")}, "query=SELECT+_1+FROM+t&t_types=UInt8")
    assert answer.data == b"5\n"


def test_a_malformed_form(ask: Ask) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert ask("--y\r\n", headers=headers).status == 400


@pytest.mark.parametrize(("user", "rows"), [("reader", 50_000), ("writer", 150_000_000)])
def test_a_bomb_is_refused(ask: Ask, user: str, rows: int) -> None:
    bomb = gzip.compress(b"1\n" * rows, 1)
    ask("CREATE OR REPLACE TABLE bomb (a Int64) ENGINE = Null")
    query = {"query": "INSERT INTO bomb FORMAT TSV"} if user == "writer" else {}
    answer = ask(bomb, user, headers={"Content-Encoding": "gzip"}, **query)
    assert answer.status == 413, answer.data


def test_garbage_is_refused(ask: Ask, events: str) -> None:
    answer = ask(b"garbage", query="INSERT INTO events FORMAT TSV", headers={"Content-Encoding": "zstd"})
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "271")
    assert ask("SELECT count() FROM events").data == b"1000\n"


@pytest.mark.parametrize(("free", "status"), [(False, 408), (True, 200)])
async def test_bytes_that_trickle_are_enough_for_rows_only(free: bool, status: int) -> None:
    async def read(request: web.Request) -> web.Response:
        pace = Pace(stall=2, rate=1000)
        if free:
            pace.free()
        try:
            return web.Response(body=b"".join([chunk async for chunk in chunks(request, 100, pace, None)]))
        except ClickHouseError as problem:
            return web.Response(status=problem.status, text=str(problem.code))

    app = web.Application()
    app.router.add_post("/", read)
    async with door.serve(app, "127.0.0.1", 0, door.Places()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n")
        answer = asyncio.create_task(reader.readline())
        for _ in range(12):
            writer.write(b"1")
            await asyncio.wait([answer], timeout=0.25)
        assert int((await answer).split()[1]) == status
        writer.close()


def test_an_insert_may_come_slowly_a_query_may_not(tmp_path: Path) -> None:
    """The real process must know one from the other."""
    port, rows = free_row(), 1000
    process = start_warehouse(tmp_path, port, bounds="stall=1.5")

    def head(user: str, password: str, length: int) -> bytes:
        return (
            f"POST / HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: {user}\r\n"
            f"X-ClickHouse-Key: {password}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        ).encode()

    def send(sql: str) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(head("writer", WRITER_PASSWORD, len(sql)) + sql.encode())
            return client.makefile("rb").read()

    try:
        wait_ready(process)
        send("CREATE DATABASE hotel")
        send("CREATE TABLE hotel.slow (a Int64) ENGINE = MergeTree ORDER BY a")
        sql = b"INSERT INTO hotel.slow FORMAT TSV\n"
        with (
            socket.create_connection(("127.0.0.1", port), 20) as writer,
            socket.create_connection(("127.0.0.1", port), 20) as reader,
        ):
            writer.sendall(head("writer", WRITER_PASSWORD, len(sql) + 2 * rows) + sql)
            reader.sendall(head("reader", READER_PASSWORD, rows) + b"SELECT 1")
            sent = 0
            while not select.select([reader], [], [], 0.1)[0]:
                writer.sendall(b"1\n")
                reader.sendall(b" ")
                sent += 1
            assert reader.makefile("rb").readline().split()[1] == b"408"
            writer.sendall(b"1\n" * (rows - sent))
            said = writer.makefile("rb").read()
            assert said.split()[1] == b"200", said
        assert send("SELECT count() FROM hotel.slow").endswith(b"1000\n")
    finally:
        assert stop(process) == 0
