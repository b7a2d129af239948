"""The tables against the log: every row of the one in the other, as often. Blocking."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import clickhouse_connect
import msgspec

from infra.oracle import rows
from infra.oracle.reading import Log, Span
from infra.oracle.shapes import Shape
from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings
from schemas import topics as t

SHOWN = 3
POLL_SECONDS = 0.25
_MODULO = 2**128


@dataclass(slots=True)
class Table:
    """One table as it was compared: rows that the log makes, `digest` their multiset hash, what differs.

    The hash is the sum of each row's BLAKE2b modulo 2^128: in any order the same. `unmerged`: rows that are
    there once more, all alike; the engine keeps one of a place, and views count one already.
    """

    rows: int = 0
    digest: int = 0
    lacks: int = 0
    surplus: int = 0
    unmerged: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.lacks and not self.surplus


def client(settings: Settings) -> Any:
    """The warehouse as `writer`: the reader sees views only."""
    return clickhouse_connect.get_client(**access(settings))


def written(warehouse: Any) -> dict[tuple[str, int], int]:
    """Up to which offset the sink says that the tables hold a (topic, partition)."""
    said = "SELECT topic, _partition, max(next_offset) FROM progress GROUP BY 1, 2"
    return {(topic, partition): end for topic, partition, end in warehouse.query(said).result_rows}


async def caught_up(settings: Settings, log: Log, seconds: float) -> dict[tuple[str, int], tuple[int, int]]:
    """Waits until the sink says it has all of `log`. What is missing: topic partition -> (at, end)."""
    warehouse = await asyncio.to_thread(client, settings)
    deadline = time.monotonic() + seconds
    try:
        while True:
            at = await asyncio.to_thread(written, warehouse)
            behind = {
                place: (at.get(place, 0), end)
                for place, end in log.ends.items()
                if place[0] in rows.TABLES and at.get(place, 0) < end
            }
            if not behind or time.monotonic() > deadline:
                return behind
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await asyncio.to_thread(warehouse.close)


class Tables:
    """All tables against the log, one span after the other. `property_id`: that hotel's rows only.

    Rows are read without FINAL: a doubled one is told until the engine merges it away.
    """

    def __init__(self, warehouse: Any, property_id: str = "") -> None:
        self._warehouse = warehouse
        self._property_id = property_id
        self._shapes = _shapes(warehouse)
        self.found: dict[str, Table] = {table: Table() for table in self._shapes}

    def take(self, span: Span) -> None:
        """Compare what the log says in this span with what the tables hold of it."""
        expected: dict[str, list[bytes]] = {table: [] for table in tables_of(span.topic)}
        for logged in span.records:
            for table, values in rows.rows(logged, self._shapes):
                shape = self._shapes[table]
                if self._property_id in ("", values[shape.place["property_id"]]):
                    expected[table].append(shape.spelled(values))
        for table, wanted in expected.items():
            self._compare(table, wanted, list(self._rows(table, span)))

    def _compare(self, table: str, wanted: list[bytes], held: list[bytes]) -> None:
        found = self.found[table]
        found.rows += len(wanted)
        for row in wanted:
            digest = hashlib.blake2b(row, digest_size=16).digest()
            found.digest = (found.digest + int.from_bytes(digest)) % _MODULO
        expected, actual = Counter(wanted), Counter(held)
        if expected == actual:
            return
        twice = Counter({row: more for row, more in (actual - expected).items() if row in expected})
        surplus = actual - expected - twice
        for word, more in (("lacks", expected - actual), ("has too much", surplus)):
            room = max(0, SHOWN - sum(f" {word} " in one for one in found.examples))
            found.examples += [f"{table} {word} {_text(one)}" for one in list(more)[:room]]
        found.lacks += (expected - actual).total()
        found.surplus += surplus.total()
        found.unmerged += twice.total()

    def _rows(self, table: str, span: Span) -> Iterable[bytes]:
        """Rows of the span, but for those of records that a compacted topic has let go."""
        shape = self._shapes[table]
        where = "_partition = {p:UInt16} AND _offset >= {first:UInt64} AND _offset < {end:UInt64}"
        where += " AND topic = {topic:String}" if table == "decisions" else ""
        where += " AND property_id = {hotel:String}" if self._property_id else ""
        shown = ", ".join(_asked(table, name, kind) for name, kind in shape.types.items())
        named: dict[str, Any] = {"p": span.partition, "first": span.first, "end": span.end}
        named |= {"topic": span.topic, "hotel": self._property_id}
        said = f"SELECT {shown} FROM {table} WHERE {where}"  # noqa: S608  # our own names
        held = {one.offset for one in span.records} if t.BY_NAME[span.topic].compacted else None
        place = shape.place["_offset"]
        for values in self._warehouse.query(said, parameters=named).result_rows:
            if held is None or values[place] in held:
                yield shape.spelled(values)


def tables_of(topic: str) -> tuple[str, ...]:
    """The tables that a topic's records become rows of."""
    every = rows.TABLES[topic]
    return (*every, "decisions") if t.BY_NAME[topic] in rows.ANSWERS else every


def faults(settings: Settings, log: Log) -> list[str]:
    """What differs between the tables and the log, for its topics, up to its ends; a few rows a table."""
    warehouse = client(settings)
    try:
        tables = Tables(warehouse)
        for (topic, partition), records in log.records.items():
            if topic in rows.TABLES:
                first = min((one.offset for one in records), default=log.ends[topic, partition])
                tables.take(Span(topic, partition, first, log.ends[topic, partition], records))
        return [example for table in tables.found.values() for example in table.examples]
    finally:
        warehouse.close()


def _shapes(warehouse: Any) -> dict[str, Shape]:
    wanted = sorted({table for topic in rows.TABLES for table in tables_of(topic)})
    found = warehouse.query(
        "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() "
        "AND table IN {tables:Array(String)} ORDER BY table, position",
        parameters={"tables": wanted},
    ).result_rows
    columns: dict[str, dict[str, str]] = {table: {} for table in wanted}
    for table, name, kind in found:
        columns[table][name] = kind
    return {table: Shape(types) for table, types in columns.items()}


def _asked(table: str, name: str, kind: str) -> str:
    """The column as the log spells it: bytes in hexadecimal, times in milliseconds."""
    if table == "dead_letters" and name in rows.BYTES:
        return f"hex({name})"
    return f"toUnixTimestamp64Milli({name})" if "DateTime64" in kind else name


def _text(row: bytes) -> str:
    return msgspec.json.encode(msgspec.msgpack.decode(row)).decode()
