"""Formats and settings are what the engine makes of them, though columns have the names of clauses."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from infra.engines.warehouse.statements import format_named, parse
from tests.infra.engines.warehouse.conftest import Ask

NAMES = st.sampled_from(
    (
        *("format", "FORMAT", "settings", "into", "values", "outfile", "all", "case", "end", "t.format"),
        *("`format`", "desc", "by", "from", "select", "interval", "a"),
    )
)
VALUES = st.one_of(
    NAMES,
    st.sampled_from(["1", "1.", "'x'", "*", "[format]", "NULL", "$$format CSV$$", "{format:String}"]),
    st.builds("{} = {}".format, NAMES, NAMES),
    st.builds("NOT {}".format, NAMES),
    st.builds("-{}".format, NAMES),
    st.builds("upper({})".format, NAMES),
    st.builds("CASE WHEN {} THEN {} ELSE {} END".format, NAMES, NAMES, NAMES),
    st.builds("INTERVAL {} DAY".format, NAMES),
    st.builds("{} BETWEEN {} AND {}".format, NAMES, NAMES, NAMES),
    st.builds("(SELECT {} AS {})".format, NAMES, NAMES),
    st.builds("{}::String".format, NAMES),
)
OUT = st.sampled_from(
    ["", " FORMAT CSV", " format `CSV`", " FORMAT CSV SETTINGS a = 1", " SETTINGS a, b = 1"]
)
PARTS = [
    st.builds(" AS {}".format, NAMES),
    st.builds(", {}".format, VALUES),
    st.builds(" CSV".format),  # `format CSV` is a column and its alias
    st.builds(" FROM {}".format, NAMES),
    st.builds(" FROM {} JOIN {} USING {}".format, NAMES, NAMES, NAMES),
    st.builds(" WHERE {}".format, VALUES),
    st.builds(" GROUP BY {}".format, VALUES),
    st.builds(" ORDER BY {}".format, VALUES),
    st.builds(" ORDER BY {} DESC".format, NAMES),
    st.builds(" LIMIT 1 BY {}".format, NAMES),
    st.builds(" UNION ALL SELECT {}".format, VALUES),
    OUT,
]


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A SELECT whose columns and tables have the names of clauses."""
    parts = [draw(part) for part in PARTS[:-1] if draw(st.booleans())]
    return f"SELECT {draw(VALUES)}{''.join(parts)}{draw(OUT)}"


def in_the_engine(ask: Ask, sql: str) -> str | None:
    """The statement as the engine writes it, None where it refuses the SQL."""
    escaped = sql.replace("\\", "\\\\").replace("\n", "\\n")
    answer = ask("SELECT formatQuery({q:String}) FORMAT TSVRaw", "reader", param_q=escaped)
    return answer.data.decode() if answer.status == 200 else None


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(sql=statements())
def test_a_statement_that_writes_to_a_pipe_is_the_same(ask: Ask, sql: str) -> None:
    normal = in_the_engine(ask, sql)
    assume(normal is not None)
    assert normal is not None
    fmt = format_named(normal)
    to_pipe = in_the_engine(ask, parse(sql.encode()).with_outfile("p", fmt or "Null", bool(fmt)))
    assert to_pipe is not None
    assert re.sub("\nINTO OUTFILE 'p' APPEND", "", to_pipe) == normal + ("" if fmt else "FORMAT `Null`\n")


@pytest.mark.parametrize(
    ("sql", "fmt"),
    [
        ("SELECT 1 by FORMAT CSVWithNames", "CSVWithNames"),
        ("SELECT DISTINCT ON (a) 1 AS a format JSON", "JSON"),
        ("SELECT format FROM words ORDER BY format DESC", ""),
        ("SELECT format CSV FROM words", ""),
        ("SELECT format FROM words FORMAT CSV", "CSV"),
        ("SELECT 'FORMAT CSV' AS `\nFORMAT CSV\n`", ""),
        ("DESCRIBE words FORMAT XML", "XML"),
        ("SHOW CREATE TABLE words FORMAT CSV", "CSV"),
        ("EXPLAIN SELECT format FROM words FORMAT CSV SETTINGS max_threads = 1", "CSV"),
    ],
)
def test_the_format_is_the_one_that_the_engine_finds(ask: Ask, sql: str, fmt: str) -> None:
    ask("CREATE TABLE IF NOT EXISTS words (format String, a Int8) ENGINE = MergeTree ORDER BY format")
    answer = ask(sql, "reader", default_format="TSV")
    assert answer.status == 200, answer.data
    assert answer.headers["X-ClickHouse-Format"] == (fmt or "TSV")


def test_a_column_named_format_is_one(ask: Ask) -> None:
    ask("CREATE OR REPLACE TABLE formats (format String, settings Int8) ENGINE = MergeTree ORDER BY format")
    assert ask("INSERT INTO formats (format, settings) VALUES ('a', 1), ('b', 2)").status == 200
    sql = "SELECT format FROM formats ORDER BY format DESC"
    assert ask(sql, "reader").data == b"b\na\n"
    assert ask(f"{sql} FORMAT JSONCompactColumns", "reader").headers["X-ClickHouse-Format"][:4] == "JSON"
    assert ask(f"{sql}, settings DESC", "reader", default_format="XML").data.startswith(b"<?xml")
