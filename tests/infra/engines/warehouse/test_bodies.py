from __future__ import annotations

import contextlib
import gzip
import select
import socket

import pytest
import urllib3

from infra.engines.warehouse.bodies import Held
from infra.engines.warehouse.errors import ClickHouseError
from tests.fixtures_warehouse import Warehouse
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


@pytest.mark.parametrize(
    "structure",
    [
        "a Int8) ENGINE = File(CSV",
        "a Int8; DROP TABLE x",
        "a String DEFAULT file('/etc/passwd')",
        "a UInt64 DEFAULT 1",
    ],
)
def test_a_structure_is_only_a_structure(warehouse: Warehouse, structure: str) -> None:
    if not warehouse.embedded:
        pytest.skip("a server parses it itself")
    answer = post(warehouse, {"t": ("t", b""), "query": "SELECT * FROM t", "t_structure": structure})
    assert answer.status in (400, 403), answer.data


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
    """Clients whose forms stop before the end: a seventh of 20 MiB would be too much, and nobody else is."""
    if not warehouse.embedded:
        pytest.skip("a server's bounds are its own")
    head = (
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"X-ClickHouse-User: {warehouse.reader}\r\nX-ClickHouse-Key: {warehouse.reader_password}\r\n"
        f"Content-Length: {30 << 20}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection((warehouse.host, warehouse.port), 20))
            for _ in range(8)
        ]
        for client in clients:
            client.sendall(head.encode() + b"x" * (20 << 20))
        refused, _, _ = select.select(clients, [], [], 20)
        assert refused
        assert b"X-ClickHouse-Exception-Code: 241" in refused[0].recv(1 << 16)
        assert post(warehouse, {"query": "SELECT 1"}).status in (200, 503)
    answer = post(warehouse, {"t": ("t", b"5\n")}, "query=SELECT+_1+FROM+t&t_types=UInt8")
    assert answer.data == b"5\n"


def test_a_malformed_form(ask: Ask) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert ask("--y\r\n", headers=headers).status == 400


def test_a_bomb_is_refused(ask: Ask) -> None:
    bomb = gzip.compress(b"1\n" * 150_000_000, 1)
    ask("CREATE OR REPLACE TABLE bomb (a Int64) ENGINE = Null")
    answer = ask(bomb, query="INSERT INTO bomb FORMAT TSV", headers={"Content-Encoding": "gzip"})
    assert answer.status == 413, answer.data


def test_garbage_is_refused(ask: Ask, events: str) -> None:
    answer = ask(b"garbage", query="INSERT INTO events FORMAT TSV", headers={"Content-Encoding": "zstd"})
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "271")
    assert ask("SELECT count() FROM events").data == b"1000\n"
