"""The tables against the log: every row of the one in the other, as often, told apart by hash."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import clickhouse_connect

from infra.oracle import rows
from infra.oracle.reading import Log
from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings
from schemas import topics as t

SHOWN = 3
POLL_SECONDS = 0.25
# Raw bytes, which no client reads as text.
_BYTES = {("dead_letters", "key"), ("dead_letters", "value")}


def client(settings: Settings) -> Any:
    """The warehouse as `writer`: the reader sees views only."""
    return clickhouse_connect.get_client(**access(settings))


async def caught_up(settings: Settings, log: Log, seconds: float) -> dict[tuple[str, int], tuple[int, int]]:
    """Waits until the sink says it has all of `log`. What is missing: topic partition -> (at, end)."""
    warehouse = await asyncio.to_thread(client, settings)
    deadline = time.monotonic() + seconds
    try:
        while True:
            found = await asyncio.to_thread(
                warehouse.query, "SELECT topic, _partition, max(next_offset) FROM progress GROUP BY 1, 2"
            )
            at = {(topic, partition): end for topic, partition, end in found.result_rows}
            behind = {
                place: (at.get(place, 0), log.ends[place])
                for place in log.ends
                if place[0] in rows.TABLES and at.get(place, 0) < log.ends[place]
            }
            if not behind or time.monotonic() > deadline:
                return behind
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await asyncio.to_thread(warehouse.close)


def faults(settings: Settings, log: Log) -> list[str]:
    """What differs between the tables and the log, for its topics, up to its ends; a few rows a table."""
    warehouse = client(settings)
    try:
        columns = _columns(warehouse)
        expected: dict[str, Counter[str]] = {table: Counter() for table in columns}
        texts: dict[str, str] = {}
        for records in log.records.values():
            for logged in records:
                if logged.topic in rows.TABLES:
                    for table, row in rows.rows(logged, columns):
                        _count(expected[table], texts, row)
        found: list[str] = []
        for table, kinds in columns.items():
            actual: Counter[str] = Counter()
            for row in _rows(warehouse, table, kinds, log):
                _count(actual, texts, row)
            found += differences(table, expected[table], actual, texts)
        return found
    finally:
        warehouse.close()


def _columns(warehouse: Any) -> dict[str, dict[str, str]]:
    wanted = [table for tables in rows.TABLES.values() for table in tables] + ["decisions"]
    found = warehouse.query(
        "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() "
        "AND table IN {tables:Array(String)} ORDER BY table, position",
        parameters={"tables": wanted},
    ).result_rows
    columns: dict[str, dict[str, str]] = {table: {} for table in wanted}
    for table, name, kind in found:
        columns[table][name] = kind
    return columns


def _rows(warehouse: Any, table: str, kinds: Mapping[str, str], log: Log) -> Iterable[dict[str, Any]]:
    """Rows of records below the log's ends, without those of records that the log has let go.

    Without FINAL: a doubled row shows until the engine merges it away.
    """
    shown = ", ".join(f"hex({name})" if (table, name) in _BYTES else name for name in kinds)
    sources = [topic for topic, tables in rows.TABLES.items() if table in tables]
    held = {place: {one.offset for one in records} for place, records in log.records.items()}
    for values in warehouse.query(f"SELECT {shown} FROM {table}").result_rows:  # noqa: S608  # our own names
        row = dict(zip(kinds, values, strict=True))
        place = (row["topic"] if table == "decisions" else sources[0], row["_partition"])
        of_place, end = held.get(place, set()), log.ends.get(place, 0)
        compacted = t.BY_NAME[place[0]].compacted and row["_offset"] not in of_place
        if not compacted and min(of_place, default=end) <= row["_offset"] < end:
            yield row


def _count(counter: Counter[str], texts: dict[str, str], row: Mapping[str, Any]) -> None:
    text = json.dumps([plain(value) for value in row.values()], ensure_ascii=False)
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    counter[digest] += 1
    texts[digest] = text


def differences(
    table: str, expected: Counter[str], actual: Counter[str], texts: Mapping[str, str]
) -> list[str]:
    """Sentences about rows, counted by hash, that one has and the other has not, or not as often."""
    found = []
    for word, more in (("lacks", expected - actual), ("has too much", actual - expected)):
        found += [f"{table} {word} ({more.total()} in all): {texts[one]}" for one in list(more)[:SHOWN]]
    return found


def plain(value: Any) -> Any:
    """One spelling for what the log and ClickHouse's client spell differently: numbers, times, maps."""
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return plain(round(aware.timestamp() * 1000))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bool | int | float | Decimal):
        return f"{Decimal(str(+value)).normalize() + 0:f}"  # + 0: no minus before a zero
    if isinstance(value, Mapping):
        return [[key, plain(value[key])] for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
