"""The HTTP interface, as curl sees it."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import threading
import time
import uuid
from base64 import b64encode

import pytest
import urllib3

from tests.fixtures_warehouse import Warehouse
from tests.infra.engines.warehouse.conftest import Ask
from tests.patience import PATIENCE


def test_ping(warehouse: Warehouse) -> None:
    for path in ("ping", "replicas_status"):
        assert urllib3.request("GET", f"{warehouse.url}/{path}").data.strip() == b"Ok."


def test_curl(warehouse: Warehouse) -> None:
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "-u",
            f"{warehouse.reader}:{warehouse.reader_password}",
            f"{warehouse.url}/?query=SELECT+1%2B1",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2\n"


def test_who_is_nobody(warehouse: Warehouse) -> None:
    assert urllib3.request("POST", warehouse.url, body=b"SELECT 1").status in (401, 403)
    wrong = {"X-ClickHouse-User": warehouse.reader, "X-ClickHouse-Key": "wrong"}
    answer = urllib3.request("POST", warehouse.url, body=b"SELECT 1", headers=wrong)
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")


def test_headers(ask: Ask) -> None:
    answer = ask("SELECT 1 FORMAT JSON", "reader", query_id="mine")
    assert answer.headers["X-ClickHouse-Query-Id"] == "mine"
    assert answer.headers["X-ClickHouse-Format"] == "JSON"
    assert answer.headers["X-ClickHouse-Timezone"] == "UTC"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert int(json.loads(answer.headers["X-ClickHouse-Summary"])["read_rows"]) == 1


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT nope", 404, "47"),
        ("SELEC 1", 400, "62"),
        ("SELECT * FROM nope_table", 404, "60"),
        ("SELECT throwIf(1)", 500, "395"),
        ("", 400, "62"),
        ("SELECT 1; SELECT 2", 400, "62"),
    ],
)
def test_errors(ask: Ask, sql: str, status: int, code: str) -> None:
    answer = ask(sql)
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert answer.data.startswith(f"Code: {code}. DB::Exception:".encode())


def test_get_is_read_only(ask: Ask, events: str) -> None:
    assert ask(method="GET", query="SELECT 1").data == b"1\n"
    answer = ask(method="GET", query="INSERT INTO events VALUES (1, 'x')")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"


def test_parameters_and_settings(ask: Ask) -> None:
    answer = ask("SELECT {s:String}, getSetting('max_threads')", "reader", param_s="it's\\t", max_threads="1")
    assert answer.data == b"it\\'s\\t\t1\n"
    assert ask("SELECT 1", "reader", no_such_setting="1").headers["X-ClickHouse-Exception-Code"] == "115"


FORMATS = [
    "Native",
    "TSV",
    "CSV",
    "CSVWithNames",
    "JSONEachRow",
    "Parquet",
    "Arrow",
    "ArrowStream",
    "RowBinary",
]
CODINGS = ["gzip", "zstd", "lz4", "deflate"]


@pytest.mark.parametrize(
    ("fmt", "coding"),
    [(fmt, "") for fmt in FORMATS]
    + [(fmt, coding) for fmt in ("Native", "JSONEachRow") for coding in CODINGS],
)
def test_what_comes_out_goes_in_again(ask: Ask, events: str, fmt: str, coding: str) -> None:
    out = ask(
        f"SELECT * FROM events ORDER BY n FORMAT {fmt}",
        headers={"Accept-Encoding": coding} if coding else None,
        preload=False,
        enable_http_compression="1" if coding else "0",
    )
    body = out.read(decode_content=False)
    assert (out.headers.get("Content-Encoding") or "") == coding
    table = f"copy_{uuid.uuid4().hex}"
    ask(f"CREATE TABLE {table} AS events")
    sent = ask(
        body,
        query=f"INSERT INTO {table} FORMAT {fmt}",
        headers={"Content-Encoding": coding} if coding else None,
    )
    assert sent.status == 200, sent.data
    assert ask(f"SELECT count(), sum(n), uniqExact(s) FROM {table}").data == b"1000\t499500\t1000\n"
    ask(f"DROP TABLE {table}")


def test_inserts_with_the_statement_in_the_body(ask: Ask) -> None:
    ask("CREATE OR REPLACE TABLE inline (a Int64, b String) ENGINE = MergeTree ORDER BY a")
    assert ask("INSERT INTO inline VALUES (1, 'x'), (1 + 1, upper('y'))").status == 200
    assert ask('INSERT INTO inline (b, a) FORMAT CSV\n"z",3\n').status == 200
    assert ask("INSERT INTO inline SELECT 4, 'w'").status == 200
    assert ask("(4, 'v')", query="INSERT INTO inline VALUES").status == 200
    rows = "".join(f"{number}\tx\n" for number in range(100_000))
    assert ask("INSERT INTO inline FORMAT TSV\n" + rows).status == 200
    assert ask("SELECT count() FROM inline").data == b"100005\n"


def test_an_insert_that_fails_leaves_nothing(ask: Ask) -> None:
    ask("CREATE OR REPLACE TABLE whole (a Int64) ENGINE = MergeTree ORDER BY a")
    answer = ask("1\n2\nthree\n", query="INSERT INTO whole FORMAT TSV")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "27")
    assert ask("SELECT count() FROM whole").data == b"0\n"


def test_an_insert_with_the_same_token_counts_once(ask: Ask) -> None:
    ask(
        "CREATE OR REPLACE TABLE once (a Int64) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    for _ in range(3):
        assert (
            ask("1\n", query="INSERT INTO once FORMAT TSV", insert_deduplication_token="batch-1").status
            == 200
        )
    assert ask("1\n", query="INSERT INTO once FORMAT TSV", insert_deduplication_token="batch-2").status == 200
    assert ask("SELECT count() FROM once").data == b"2\n"


def test_sessions(ask: Ask) -> None:
    session = uuid.uuid4().hex
    assert (
        ask("SELECT 1", session_id=session, session_check="1").headers["X-ClickHouse-Exception-Code"] == "372"
    )
    ask("CREATE TEMPORARY TABLE mine (a Int64)", session_id=session)
    assert ask("INSERT INTO mine VALUES (7)", session_id=session).status == 200
    assert ask("SELECT a FROM mine", session_id=session, session_check="1").data == b"7\n"
    assert ask("SELECT a FROM mine").status == 404
    ask("SET max_threads = 3", session_id=session)
    asked = "SELECT getSetting('max_threads')"
    assert ask(asked, session_id=session, max_threads="1").data == b"1\n"
    assert ask(asked, session_id=session).data == b"3\n"


def test_a_session_is_for_one_query_at_a_time(ask: Ask) -> None:
    session = uuid.uuid4().hex

    codes: list[str | None] = []
    deadline = time.monotonic() + PATIENCE

    def sleep() -> None:
        while "373" not in codes and time.monotonic() < deadline:
            ask("SELECT sleep(1)", session_id=session)

    slow = threading.Thread(target=sleep)
    slow.start()
    while "373" not in codes and time.monotonic() < deadline:
        codes.append(ask("SELECT 1", session_id=session).headers.get("X-ClickHouse-Exception-Code"))
    slow.join()
    assert "373" in codes


def test_the_database_is_for_one_request(ask: Ask, warehouse: Warehouse) -> None:
    session = uuid.uuid4().hex
    assert ask("SELECT currentDatabase()", database="system", session_id=session).data == b"system\n"
    assert ask("SELECT currentDatabase()", session_id=session).data == f"{warehouse.database}\n".encode()
    assert ask("SELECT 1", database="nowhere").headers["X-ClickHouse-Exception-Code"] == "81"


def test_memory_and_time_are_bounded(ask: Ask) -> None:
    hungry = ask(
        "SELECT length(groupArray(number)) FROM numbers(1000000000)", "reader", max_memory_usage="50000000"
    )
    assert hungry.headers["X-ClickHouse-Exception-Code"] == "241"
    slow = ask("SELECT count() FROM numbers(100000000000)", "reader", max_execution_time="0.3")
    assert slow.headers["X-ClickHouse-Exception-Code"] == "159"


def test_requests_are_bounded(ask: Ask, warehouse: Warehouse) -> None:
    assert ask("SELECT " + "1," * 200_000 + "1").status == 413
    auth = {"X-ClickHouse-User": warehouse.writer, "X-ClickHouse-Key": warehouse.writer_password}
    assert (
        urllib3.request(
            "GET", f"{warehouse.url}/?query=" + "1" * 1_100_000, headers=auth, retries=False
        ).status
        >= 400
    )
    assert ask("SELECT 1", headers={"X-Long": "x" * 100_000}).status >= 400
    if warehouse.embedded:
        assert ask("SELECT '" + "x" * 70_000 + "'").status == 200
        assert ask("SELECT '" + "x" * 70_000 + "'", "reader").status == 413
        many = ask("SELECT 1", "reader", **{f"param_p{number}": "1" for number in range(600)})
        assert (many.status, many.headers["X-ClickHouse-Exception-Code"]) == (400, "36")


def test_nobody_waits_for_a_query_whose_client_has_gone(ask: Ask, warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("a server does this by a setting of its own")
    mark = uuid.uuid4().hex
    asked = f"SELECT count() /* {mark} */ FROM numbers(1000000000000)"
    user = b64encode(f"{warehouse.reader}:{warehouse.reader_password}".encode()).decode()
    head = (
        f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {user}\r\nContent-Length: {len(asked)}\r\n\r\n"
    )
    running = (
        f"SELECT count() FROM system.processes WHERE query LIKE '%{mark}%' AND query NOT LIKE '%processes%'"
    )

    def wait_for(count: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while ask(running).data != count + b"\n":
            assert time.monotonic() < deadline

    with socket.create_connection((warehouse.host, warehouse.port)) as client:
        client.sendall((head + asked).encode())
        wait_for(b"1")
    wait_for(b"0")


def test_an_insert_whose_client_goes_away_leaves_nothing(ask: Ask, warehouse: Warehouse) -> None:
    ask("CREATE OR REPLACE TABLE cut (a Int64) ENGINE = MergeTree ORDER BY a")
    user = b64encode(f"{warehouse.writer}:{warehouse.writer_password}".encode()).decode()
    head = (
        f"POST /?database={warehouse.database}&query=INSERT+INTO+cut+FORMAT+TSV HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Basic {user}\r\nContent-Length: 1000\r\n\r\n"
    )
    with socket.create_connection((warehouse.host, warehouse.port)) as client:
        client.sendall((head + "1\n2\n").encode())
        for _ in range(20):  # long enough for it to have come
            assert ask("SELECT count() FROM cut").data == b"0\n"
    running = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO cut%'"
    deadline = time.monotonic() + PATIENCE
    while ask(running).data != b"0\n":
        assert time.monotonic() < deadline
    assert ask("SELECT count() FROM cut").data == b"0\n"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (", CONSTRAINT small CHECK a < 9) ENGINE = MergeTree ORDER BY a", "469"),
        (", b UInt8 MATERIALIZED throwIf(a = 9)) ENGINE = MergeTree ORDER BY a", "395"),
        (
            ") ENGINE = MergeTree ORDER BY a SETTINGS parts_to_throw_insert = 1, parts_to_delay_insert = 1",
            "252",
        ),
    ],
)
@pytest.mark.parametrize("sent", ["FORMAT TSV\n9\n", "VALUES (9)"])
def test_an_insert_that_fails_behind_its_parser_says_so(ask: Ask, more: str, code: str, sent: str) -> None:
    assert ask(f"CREATE OR REPLACE TABLE fails (a Int64{more}").status == 200
    if code == "252":
        assert ask("INSERT INTO fails SELECT 1").status == 200
    before = ask("SELECT count() FROM fails").data
    answer = ask(f"INSERT INTO fails (a) SETTINGS max_insert_threads = 1 {sent}")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (500, code)
    assert ask("SELECT count() FROM fails").data == before


def test_an_insert_without_rows_is_none(ask: Ask) -> None:
    ask("CREATE OR REPLACE TABLE none (a Int64) ENGINE = MergeTree ORDER BY a")
    for fmt in ("TSV", "Native", "JSONEachRow"):
        assert ask(f"INSERT INTO none FORMAT {fmt}\n").status == 200
    assert ask("SELECT count() FROM none").data == b"0\n"


@pytest.mark.parametrize("key", ["default_format", "param_x y", "param_x='1', readonly"])
def test_no_sql_comes_in_by_names(ask: Ask, events: str, key: str) -> None:
    value = "JSON SETTINGS max_threads=1"
    assert ask("SELECT 1", "reader", **{key: value}).status in (400, 404)
    assert ask("INSERT INTO events", "writer", **{key: value}).status in (400, 404)


@pytest.mark.parametrize(
    "header",
    [
        b"X-ClickHouse-User: a\r\nX-ClickHouse-Key: \xff",
        b"X-ClickHouse-User: \xff",
        b"Authorization: Basic \xff\xff",
    ],
)
def test_bytes_that_are_no_text_are_a_wrong_password(warehouse: Warehouse, header: bytes) -> None:
    if not warehouse.embedded:
        pytest.skip("a server words it its own way")
    with socket.create_connection((warehouse.host, warehouse.port), 10) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n"
            b"Content-Length: 8\r\n\r\nSELECT 1"
        )
        said = client.makefile("rb").read()
    assert said.startswith(b"HTTP/1.1 403")
    assert b"X-ClickHouse-Exception-Code: 516" in said


def test_a_hostile_text_holds_nobody_up(ask: Ask, warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("a server has threads of its own for it")
    answer = ask("SELECT " + " ".join(f"$a{number}$" for number in range(5_000)), "reader")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "62")


def test_readers_texts_do_not_queue_before_the_writers(ask: Ask, warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("a server has threads of its own for it")
    ask("CREATE OR REPLACE TABLE first (a Int64) ENGINE = MergeTree ORDER BY a")
    user = b64encode(f"{warehouse.reader}:{warehouse.reader_password}".encode()).decode()
    text = "SELECT " + ",".join(["(" * 100 + "1" + ")" * 100] * 300)  # a third of a second, and refused
    head = f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {user}\r\nContent-Length: {len(text)}\r\n\r\n"
    with contextlib.ExitStack() as stack:
        readers = [
            stack.enter_context(socket.create_connection((warehouse.host, warehouse.port))) for _ in range(60)
        ]
        for reader in readers:
            reader.sendall((head + text).encode())
        assert ask("INSERT INTO first VALUES (1)").status == 200
        answered, _, _ = select.select(readers, [], [], 0)
        assert len(answered) < 60
    assert ask("SELECT count() FROM first", "reader").data == b"1\n"
