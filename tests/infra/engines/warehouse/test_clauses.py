from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from infra.engines.warehouse.clauses import format_clause
from infra.engines.warehouse.tokens import tokenize
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


def found(sql: str) -> str:
    clause = format_clause(list(tokenize(sql)))
    return clause[0] if clause else ""


def in_the_engine(ask: Ask, sql: str) -> str | None:
    """The format that the engine's own parser finds, None where it refuses the SQL."""
    answer = ask("SELECT formatQuery({q:String}) FORMAT TSVRaw", "reader", param_q=sql)
    if answer.status != 200:
        return None
    said = re.search(r"^FORMAT `?(\w+)`?$", answer.data.decode(), re.MULTILINE)
    return said[1] if said else ""


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(sql=statements())
def test_the_format_is_the_one_that_the_engine_finds(ask: Ask, sql: str) -> None:
    truth = in_the_engine(ask, sql)
    assume(truth is not None)
    assert found(sql) == truth


@pytest.mark.parametrize(
    ("sql", "fmt"),
    [
        ("SELECT a FROM t ORDER BY format DESC", ""),
        ("SELECT format CSV", ""),
        ("SELECT format FORMAT CSV", "CSV"),
        ("SELECT a FROM t GROUP BY ALL FORMAT CSV", "CSV"),
        ("SELECT a AS select FORMAT CSV", "CSV"),
        ("ALTER TABLE t ADD COLUMN format String", ""),
        ("ALTER TABLE t ADD COLUMN a String AFTER format FORMAT Null", "Null"),
        ("DROP TABLE IF EXISTS format SYNC", ""),
        ("OPTIMIZE TABLE d.format FINAL", ""),
        ("DESCRIBE format FORMAT CSV", "CSV"),
        ("SHOW CREATE TABLE format FORMAT CSV", "CSV"),
        ("EXPLAIN indexes = 1 SELECT format FORMAT CSV", "CSV"),
        ("CREATE VIEW format AS SELECT format CSV", ""),
        ("INSERT INTO format SELECT format CSV", ""),
        ("WITH format AS (SELECT 1) SELECT * FROM format FORMAT CSV", "CSV"),
        ("SELECT sum(a) OVER format FROM t WINDOW format AS (ORDER BY format DESC)", ""),
    ],
)
def test_what_is_a_clause_and_what_a_name(sql: str, fmt: str) -> None:
    assert found(sql) == fmt


def test_a_column_named_format_is_one(ask: Ask) -> None:
    ask("CREATE OR REPLACE TABLE words (format String, settings Int8) ENGINE = MergeTree ORDER BY format")
    assert ask("INSERT INTO words (format, settings) VALUES ('a', 1), ('b', 2)").status == 200
    sql = "SELECT format FROM words ORDER BY format DESC"
    assert ask(sql, "reader").data == b"b\na\n"
    assert ask(f"{sql} FORMAT JSONCompactColumns", "reader").headers["X-ClickHouse-Format"][:4] == "JSON"
    assert ask(f"{sql}, settings DESC", "reader", default_format="XML").data.startswith(b"<?xml")
