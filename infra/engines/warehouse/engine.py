"""chDB opened on one folder: connections with a role, parsers, and the end of queries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# Read when the library is loaded. By itself the allocator keeps what queries have freed, for ten seconds and
# more, and the engine does not count it: of 1 GiB allowed, eight queries made a process of 2.1 GiB. So large
# pieces go back at once: 1.05 GiB, and no query was slower.
os.environ.setdefault("JE_MALLOC_CONF", "oversize_threshold:2097152,dirty_decay_ms:1000")

import chdb

from infra.engines.warehouse.config import OWNER, READER, WRITER, Limits, server_xml, users_xml
from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.parser import Parser
from infra.runtime.problems import Problem

# How often the parser may begin a part of a statement anew. 64 KiB of brackets take 5 s with the engine's own
# bound and 0.3 s with that of readers, on which 30 brackets within each other may still stand 20 times.
_BACKTRACKS = {WRITER: 1_000_000, READER: 100_000}


class Engine:
    """The engine of this process. One thread at a time uses a connection; any number run side by side."""

    def __init__(self, folder: Path, database: str, limits: Limits) -> None:
        """Opens (or makes) the data. Raises Problem with the engine's reason if it cannot."""
        self._path = str(folder / "data")
        self.pipes = folder / "pipes"
        self.pipes.mkdir(parents=True, exist_ok=True)
        for left_over in self.pipes.iterdir():
            left_over.unlink()
        users, server = folder / "users.xml", folder / "config.xml"
        users.write_text(users_xml(database, limits))
        server.write_text(server_xml(users, limits))
        try:
            self._keeper = chdb.connect(f"{self._path}?config-file={server}")
        except RuntimeError as problem:
            raise Problem(f"The warehouse cannot open its data in {self._path}: {problem}") from problem
        self.limits = limits
        self.parsers = {role: Parser(chdb.connect(self._path), most) for role, most in _BACKTRACKS.items()}
        self.version: str = self._ask("SELECT version()").strip()
        self.table_functions = frozenset(
            name.lower() for name in self._ask("SELECT name FROM system.table_functions").split()
        )

    def connect(self, role: str) -> Any:
        """A connection whose rights are those of `role`. Costs 0.3 ms."""
        connection = chdb.connect(self._path)
        connection.query(f"SET ROLE {role}", "TSV")
        if role == READER:
            connection.query("SET profile = 'reader'", "TSV")
            connection.query(f"SET max_memory_usage = {self.limits.reader_bytes}, readonly = 2", "TSV")
        return connection

    def kill(self, tag: str) -> None:
        """Ends the query that carries `tag` (its log_comment); does not wait for it."""
        connection = self.connect(OWNER)
        try:
            connection.query(f"KILL QUERY WHERE Settings['log_comment'] = '{tag}' ASYNC", "TSV")
        finally:
            connection.close()

    def close(self) -> None:
        """Closes the last connection, with which the engine ends."""
        for parser in self.parsers.values():
            parser.close()
        self._keeper.close()

    def _ask(self, sql: str) -> str:
        return bytes(self._keeper.query(sql, "TSVRaw").bytes()).decode()


def quote(value: str) -> str:
    """An SQL string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def name(value: str) -> str:
    """An SQL identifier in back quotes. Raises ClickHouseError 36 for an empty one."""
    if not value:
        raise ClickHouseError(36, "BAD_ARGUMENTS", "A name must not be empty.")
    return "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`"
