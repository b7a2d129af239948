"""Tables beside the tables: filled while nobody sees them, swapped in for one partition. Blocking.

A shadow is called `rebuild_PARTITION_NONCE_TABLE`. Whoever gets a partition drops its shadows before it reads
how far the tables are: a swap of somebody who lost the partition meanwhile then finds no shadow, or was done
before and is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable

from streams.sinks.batch import Insert
from streams.sinks.held import Gap
from streams.sinks.warehouse import TOPIC_OF, Warehouse


class Shadow:
    """Shadows of `tables` for one partition, empty at first."""

    def __init__(self, warehouse: Warehouse, tables: Iterable[str], partition: int) -> None:
        self._warehouse, self._partition = warehouse, partition
        nonce = uuid.uuid4().hex[:8]
        self._names = {table: f"rebuild_{partition}_{nonce}_{table}" for table in tables}

    def create(self) -> None:
        """With the structure that the tables have now; another one at the swap is refused by ClickHouse."""
        for table, name in self._names.items():
            self._warehouse.run(f"CREATE TABLE {name} AS {table}")

    def write(self, inserts: Iterable[Insert]) -> None:
        """The inserts in order. Raises Refused."""
        for insert in inserts:
            self._warehouse.fill(self._names[insert.table], insert)

    def take_over(self, topic: str, gap: Gap) -> None:
        """The rows of records that the log has no more, as the tables have them."""
        where = f"_partition = {self._partition} AND _offset >= {gap.first} AND _offset < {gap.end}"
        if gap.held:
            where += f" AND _offset NOT IN ({', '.join(map(str, gap.held))})"
        for table, name in self._names.items():
            if TOPIC_OF.get(table, topic) == topic:  # decisions are of several
                also = "" if table in TOPIC_OF else f" AND topic = '{topic}'"
                said = f"INSERT INTO {name} SELECT * FROM {table} FINAL WHERE {where}{also}"  # noqa: S608  # our own names
                self._warehouse.run(said)

    def rows(self) -> int:
        """Rows of all of them."""
        asked = (f"SELECT count() FROM {name}" for name in self._names.values())  # noqa: S608  # our own names
        return sum(int(self._warehouse.ask(one)[0][0]) for one in asked)

    def swap(self, check: Callable[[], None]) -> None:
        """Each table's partition at once, one table after the other; `check` raises where it may not."""
        for table, name in self._names.items():
            check()
            self._warehouse.run(
                f"ALTER TABLE {table} REPLACE PARTITION ID '{self._partition}' FROM {name} "
                "SETTINGS allow_replace_partition_from_empty_source = 1"
            )

    def drop(self) -> None:
        """Whether they exist or not. After it no swap can happen any more."""
        for name in self._names.values():
            self._warehouse.run(f"DROP TABLE IF EXISTS {name} SYNC")


def drop_left(warehouse: Warehouse, partitions: Iterable[int]) -> None:
    """Drops what anybody left of these partitions."""
    ours = {str(partition) for partition in partitions}
    rows = warehouse.ask(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'rebuild\\_%'"
    )
    for (name,) in rows:
        if name.split("_")[1] in ours:
            warehouse.run(f"DROP TABLE IF EXISTS {name} SYNC")
