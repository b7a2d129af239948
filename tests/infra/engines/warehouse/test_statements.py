from __future__ import annotations

import pytest

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.statements import parse


@pytest.mark.parametrize(
    ("raw", "head", "fmt", "data"),
    [
        (b"INSERT INTO t FORMAT TSV\n1\t2", "INSERT INTO t ", "TSV", b"1\t2"),
        (b"insert into t (a, b) format Native\r\n\x00\xff", "insert into t (a, b) ", "Native", b"\x00\xff"),
        (b"INSERT INTO t VALUES (1), (2)", "INSERT INTO t ", "Values", b" (1), (2)"),
        (b"INSERT INTO format (a) VALUES (1)", "INSERT INTO format (a) ", "Values", b" (1)"),
        (b"INSERT INTO d.format VALUES (1)", "INSERT INTO d.format ", "Values", b" (1)"),
        (b"INSERT INTO t SETTINGS a = 1 FORMAT CSV ;x", "INSERT INTO t SETTINGS a = 1 ", "CSV", b"x"),
        ("INSERT INTO `tä` FORMAT CSV x".encode(), "INSERT INTO `tä` ", "CSV", b"x"),
        (b"INSERT INTO t", "INSERT INTO t", "", b""),
    ],
)
def test_an_insert_ends_where_its_data_begins(raw: bytes, head: str, fmt: str, data: bytes) -> None:
    statement = parse(raw)
    assert statement.takes_data
    assert (statement.head, statement.fmt, raw[statement.data_at :]) == (head, fmt, data)


@pytest.mark.parametrize(
    ("sql", "rewritten"),
    [
        ("INSERT INTO t (a) VALUES (1)", "INSERT INTO t (a) |\n|FORMAT X"),
        ("INSERT INTO t FORMAT CSV\n1", "INSERT INTO t |\n|FORMAT X"),
        ("INSERT INTO t", "INSERT INTO t|\n|FORMAT X"),
        (
            "INSERT INTO settings SETTINGS a = 1, b=2 FORMAT CSV\n1",
            "INSERT INTO settings |\nSETTINGS a = 1, b=2 |FORMAT X",
        ),
        ("INSERT INTO settings FORMAT CSV\n1", "INSERT INTO settings |\n|FORMAT X"),
    ],
)
def test_rows_from_a_file(sql: str, rewritten: str) -> None:
    into, settings, fmt = rewritten.split("|")
    said = f"{into}\nFROM INFILE 'p' COMPRESSION 'none'{settings}\n{fmt}"
    assert parse(sql.encode()).with_infile("p", "X") == said


@pytest.mark.parametrize(
    ("sql", "fmt", "rewritten"),
    [
        ("SELECT 1", "", "SELECT 1\nINTO OUTFILE 'p' APPEND FORMAT JSON"),
        ("SELECT 1 FORMAT CSV;", "CSV", "SELECT 1 \nINTO OUTFILE 'p' APPEND FORMAT CSV"),
        (
            "SELECT 1 FORMAT CSV SETTINGS a=1",
            "CSV",
            "SELECT 1 \nINTO OUTFILE 'p' APPEND FORMAT CSV SETTINGS a=1",
        ),
        (
            "SELECT (1) FROM format('CSV', 'x')",
            "",
            "SELECT (1) FROM format('CSV', 'x')\nINTO OUTFILE 'p' APPEND FORMAT JSON",
        ),
    ],
)
def test_the_format_of_a_select(sql: str, fmt: str, rewritten: str) -> None:
    assert parse(sql.encode()).with_outfile("p", fmt or "JSON", bool(fmt)) == rewritten


def test_insert_select_has_no_data() -> None:
    assert not parse(b"INSERT INTO t SELECT 1").takes_data
    assert not parse(b"INSERT INTO t (a) WITH 1 AS x SELECT x").takes_data


@pytest.mark.parametrize("sql", [b"", b" -- nothing", b";", b"SELECT 1; SELECT 2", b"SELECT 1;;DROP TABLE t"])
def test_one_statement_and_no_more(sql: bytes) -> None:
    with pytest.raises(ClickHouseError) as refused:
        parse(sql)
    assert refused.value.code == 62


@pytest.mark.parametrize("table", ["into", "values", "format", "select", "settings"])
def test_tables_may_have_the_names_of_clauses(table: str) -> None:
    statement = parse(f"INSERT INTO {table} FORMAT CSV\n1".encode())
    assert (statement.head, statement.fmt) == (f"INSERT INTO {table} ", "CSV")
    assert parse(f"INSERT INTO TABLE {table} VALUES (1)".encode()).head == f"INSERT INTO TABLE {table} "
