"""clickhouse-connect, sync and async, and SQLAlchemy through it: the same as against a server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import clickhouse_connect
import pandas
import pyarrow
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData
from sqlalchemy import MetaData, Table, create_engine, inspect, select

from tests.fixtures_warehouse import Warehouse

COLUMNS = ["id", "name", "at", "money", "note"]
AT = dt.datetime(2026, 3, 1, 12, 30, 15, 123000, tzinfo=dt.UTC)
ROWS = [[1, "été's \\ \t", AT, Decimal("12.30"), None], [2, "", AT, Decimal("-0.01"), "x"]]


def connect(warehouse: Warehouse, user: str, **extra: Any) -> Any:
    writer = user == "writer"
    return clickhouse_connect.get_client(
        host=warehouse.host,
        port=warehouse.port,
        username=warehouse.writer if writer else warehouse.reader,
        password=warehouse.writer_password if writer else warehouse.reader_password,
        database=warehouse.database,
        **extra,
    )


@pytest.fixture
def writer(warehouse: Warehouse) -> Iterator[Any]:
    client = connect(warehouse, "writer")
    client.command(
        "CREATE OR REPLACE TABLE stays (id Int64, name String, at DateTime64(3, 'UTC'), "
        "money Decimal(18, 2), note Nullable(String)) ENGINE = MergeTree ORDER BY id"
    )
    yield client
    client.close()


@pytest.fixture
def reader(warehouse: Warehouse) -> Iterator[Any]:
    client = connect(warehouse, "reader", autogenerate_session_id=False)
    yield client
    client.close()


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_rows_in_and_out(writer: Any, warehouse: Warehouse, compress: Any) -> None:
    client = connect(warehouse, "writer", compress=compress)
    assert client.insert("stays", ROWS, column_names=COLUMNS).written_rows == 2
    got = client.query("SELECT * FROM stays ORDER BY id").result_rows
    assert [[*row[:2], row[2].replace(tzinfo=dt.UTC), *row[3:]] for row in got] == ROWS
    client.close()


def test_frames_and_arrow(writer: Any, reader: Any) -> None:
    writer.insert("stays", ROWS, column_names=COLUMNS)
    frame = reader.query_df("SELECT id, name, money FROM stays ORDER BY id")
    assert isinstance(frame, pandas.DataFrame)
    writer.insert_df("stays", frame)
    table = reader.query_arrow("SELECT id, name FROM stays ORDER BY id", use_strings=True)
    assert isinstance(table, pyarrow.Table)
    writer.insert_arrow("stays", table)
    assert reader.command("SELECT count() FROM stays") == 8


def test_streams(reader: Any) -> None:
    with reader.query_row_block_stream("SELECT number FROM numbers(500000)") as stream:
        assert sum(len(block) for block in stream) == 500_000
    with (
        pytest.raises(StreamFailureError, match="395"),
        reader.query_row_block_stream("SELECT throwIf(number = 3000000) FROM numbers(5000000)") as stream,
    ):
        for _ in stream:
            pass
    assert b"2\n" in reader.raw_query("SELECT number FROM numbers(3)", fmt="TSV")
    assert reader.raw_stream("SELECT 1", fmt="JSONEachRow").read() == b'{"1":1}\n'


def test_parameters(reader: Any) -> None:
    values = {"s": "it's \\ \n\t", "d": AT.replace(tzinfo=None), "a": ["x'y", "z"], "n": None}
    got = reader.query(
        "SELECT {s:String}, {d:DateTime64(3)}, {a:Array(String)}, {n:Nullable(String)}", parameters=values
    ).result_rows[0]
    assert got == ("it's \\ \n\t", AT.replace(tzinfo=None), ["x'y", "z"], None)
    assert reader.query("SELECT %(s)s", parameters={"s": "it's"}).result_rows == [("it's",)]


def test_errors_have_their_class_and_code(reader: Any, warehouse: Warehouse) -> None:
    for sql, code, name in (
        ("SELECT nope", 47, "UNKNOWN_IDENTIFIER"),
        ("SELEC", 62, "SYNTAX_ERROR"),
        ("INSERT INTO stays (id) VALUES (1)", 164, "READONLY"),
    ):
        with pytest.raises(DatabaseError) as refused:
            reader.command(sql)
        if warehouse.embedded:
            assert (refused.value.code, refused.value.name) == (code, name)
    with pytest.raises(DatabaseError):
        clickhouse_connect.get_client(
            host=warehouse.host, port=warehouse.port, username="reader", password="no"
        )


def test_temporary_tables_in_a_session(writer: Any) -> None:
    writer.command("CREATE TEMPORARY TABLE picked (id Int64)")
    writer.insert("picked", [[1], [2]], column_names=["id"])
    assert writer.query("SELECT sum(id) FROM picked").first_row == (3,)


def test_external_data(reader: Any) -> None:
    data = ExternalData(
        file_name="rooms", data=b"101,clean\n102,dirty\n", fmt="CSV", structure="room String, is String"
    )
    assert reader.query("SELECT room FROM rooms WHERE is = 'dirty'", external_data=data).result_rows == [
        ("102",)
    ]


def test_one_token_one_batch(writer: Any) -> None:
    writer.command("ALTER TABLE stays MODIFY SETTING non_replicated_deduplication_window = 100")
    for _ in range(2):
        writer.insert("stays", ROWS, column_names=COLUMNS, settings={"insert_deduplication_token": "7-100"})
    assert writer.command("SELECT count() FROM stays") == 2


async def test_async(writer: Any, warehouse: Warehouse) -> None:
    client = await clickhouse_connect.get_async_client(
        host=warehouse.host,
        port=warehouse.port,
        username=warehouse.writer,
        password=warehouse.writer_password,
        database=warehouse.database,
        autogenerate_session_id=False,
    )
    try:
        await client.insert("stays", ROWS, column_names=COLUMNS)
        assert (await client.query("SELECT count() FROM stays")).first_row == (2,)
        async with await client.query_row_block_stream("SELECT number FROM numbers(200000)") as stream:
            assert sum([len(block) async for block in stream]) == 200_000
        with pytest.raises(DatabaseError):
            await client.query("SELECT nope")
    finally:
        await client.close()


def test_sqlalchemy(writer: Any, warehouse: Warehouse) -> None:
    writer.insert("stays", ROWS, column_names=COLUMNS)
    engine = create_engine(
        f"clickhousedb://{warehouse.reader}:{warehouse.reader_password}@{warehouse.host}:{warehouse.port}/"
        f"{warehouse.database}"
    )
    try:
        assert "stays" in inspect(engine).get_table_names()
        stays = Table("stays", MetaData(), autoload_with=engine)
        with engine.connect() as connection:
            rows = connection.execute(select(stays.c.id).where(stays.c.note == "x")).fetchall()
        assert [tuple(row) for row in rows] == [(2,)]
    finally:
        engine.dispose()
