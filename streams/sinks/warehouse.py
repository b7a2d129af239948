"""The sink's client of ClickHouse: reads how far the tables are, inserts columns. Blocking."""

from __future__ import annotations

import contextlib
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DataError, Error

from infra.runtime import failpoints, metrics
from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings
from streams.sinks.batch import Insert
from streams.sinks.rows import COLUMNS
from streams.sinks.rows_facts import BODY
from streams.sinks.rows_states import FOLD_TABLES

PROGRESS_COLUMNS = ("topic", "_partition", "next_offset", "logged_at", "complete_until")
TIMEOUT_SECONDS = 30

# The one topic that feeds a table; `decisions` has several and says which in its rows.
TOPIC_OF: dict[str, str] = {
    **dict.fromkeys(BODY, "rooms"),
    "service_facts": "services",
    "shift_facts": "staff",
    "alert_facts": "alerts",
    "notification_facts": "notifications",
    **{table: topic for topic, table in FOLD_TABLES.items()},
    "chat_events": "chats",
    "deliveries": "deliveries",
    "system_alerts": "system",
    "dead_letters": "dead_letters",
    "property_settings": "settings",
    "room_settings": "settings",
    "revocations": "settings",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """All records below `next_offset` are in the tables, and all the log held at `complete_until` (ms)."""

    topic: str
    partition: int
    next_offset: int
    logged_at: int
    complete_until: int


# ClickHouse's codes for rows that it never takes, whatever the hour: a text that is no number, another type,
# out of bounds, not convertible, too large a string, out of range, null where none may be, decimal overflow,
# a violated constraint. All else (away, busy, full, no such table) may pass.
REFUSALS = frozenset({6, 53, 69, 70, 131, 321, 349, 407, 469})
# What the client raises where it can't make a column of the values.
_UNMAKEABLE = (TypeError, ValueError, OverflowError, AttributeError, struct.error)


class Refused(RuntimeError):
    """The warehouse never takes `insert`; it has those before. The text says why."""

    def __init__(self, insert: Insert, why: str) -> None:
        super().__init__(why)
        self.insert = insert


def connect(settings: Settings) -> Any:
    """A client of the warehouse as `writer`. Raises clickhouse_connect's errors while it is away."""
    return clickhouse_connect.get_client(
        **access(settings),
        compress=False,  # same machine or a fast net: packing costs more than it saves
        connect_timeout=5,
        send_receive_timeout=TIMEOUT_SECONDS,
    )


class Warehouse:
    """The tables. One thread at a time; the column types are asked for once a table."""

    def __init__(self, settings: Settings) -> None:
        self.client = connect(settings)
        self._types: dict[str, list[Any]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        self.client.close()

    def progress(self) -> dict[tuple[str, int], Progress]:
        """How far each topic partition is, by (topic, partition)."""
        rows = self.client.query(
            "SELECT topic, _partition, next_offset, toUnixTimestamp64Milli(logged_at), "
            "toUnixTimestamp64Milli(complete_until) FROM progress FINAL"
        ).result_rows
        return {(topic, partition): Progress(topic, partition, *rest) for topic, partition, *rest in rows}

    def types(self) -> dict[tuple[str, str], str]:
        """The type of each column, by (table, column)."""
        rows = self.client.query(
            "SELECT table, name, type FROM system.columns WHERE database = currentDatabase()"
        ).result_rows
        return {(table, name): kind for table, name, kind in rows}

    def marks(self) -> dict[tuple[str, str, int], int]:
        """The highest offset in each table: a kill between an insert and its progress row left it there."""
        found: dict[tuple[str, str, int], int] = {}
        for table in COLUMNS:
            topic = f"'{TOPIC_OF[table]}'" if table in TOPIC_OF else "topic"
            rows = self.client.query(
                f"SELECT {topic} AS source, _partition, max(_offset) FROM {table} GROUP BY 1, 2"  # noqa: S608  # our own names
            ).result_rows
            found |= {(table, source, partition): offset for source, partition, offset in rows}
        return found

    def answered(self, property_id: str, topic: str, partition: int, offset: int) -> bool:
        """Whether an agent answered the input at this place. `property_id`: whose it is."""
        found = self.client.query(
            "SELECT count() FROM decisions WHERE property_id = {h:String} AND _partition = {p:UInt16} "
            "AND cause_topic = {t:String} AND cause_partition = {p:UInt16} AND cause_offset = {o:UInt64}",
            parameters={"h": property_id, "t": topic, "p": partition, "o": offset},
        ).result_rows
        return bool(found[0][0])

    def write(
        self, inserts: Iterable[Insert], progress: list[Progress], check: Callable[[], None] = lambda: None
    ) -> None:
        """The inserts in order, then the progress rows, each if `check` does not raise.

        Safe to repeat after any error. Raises Refused.
        """
        with self._lock:
            for insert in inserts:
                check()
                with metrics.INSERT_SECONDS.labels(insert.table).time(), _refusals(insert):
                    self._insert(insert.table, COLUMNS[insert.table], insert.columns, insert.token)
                failpoints.passed("sink", "insert_acknowledged")
                metrics.ROWS.labels(insert.table).inc(insert.rows)
            if progress:
                check()
                rows = [
                    (p.topic, p.partition, p.next_offset, p.logged_at, p.complete_until) for p in progress
                ]
                self._insert("progress", PROGRESS_COLUMNS, list(zip(*rows, strict=True)), "")
                failpoints.passed("sink", "offsets_committed")

    def fill(self, name: str, insert: Insert) -> None:
        """The insert into a table of that name with its own table's columns. Raises Refused."""
        with _refusals(insert):
            self._insert(name, COLUMNS[insert.table], insert.columns, insert.token)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return list(self.client.query(sql).result_rows)

    def run(self, sql: str) -> None:
        """A statement without an answer."""
        self.client.command(sql)

    def _insert(self, table: str, names: tuple[str, ...], columns: list[tuple[Any, ...]], token: str) -> None:
        if table not in self._types:
            context = self.client.create_insert_context(table, column_names=names)
            self._types[table] = context.column_types
        failpoints.passed("sink", "insert_sent")
        self.client.insert(
            table,
            columns,
            column_names=names,
            column_types=self._types[table],
            column_oriented=True,
            settings={"insert_deduplication_token": token} if token else None,
        )


@contextlib.contextmanager
def _refusals(insert: Insert) -> Iterator[None]:
    """Tells what is wrong with the rows from what is wrong with the hour."""
    try:
        yield
    except Error as error:
        if error.code in REFUSALS or isinstance(error, DataError):
            raise Refused(insert, first_line(error)) from error
        raise
    except _UNMAKEABLE as error:
        raise Refused(insert, f"{type(error).__name__}: {error}") from error


def first_line(error: Exception) -> str:
    """What an error says in one line of at most 300 characters."""
    said = str(error).strip()
    return said.splitlines()[0][:300] if said else type(error).__name__
