"""The engine's own parser: what it makes of a statement is what will run."""

from __future__ import annotations

import threading
from typing import Any

from infra.engines.warehouse.errors import ClickHouseError, from_engine


class Parser:
    """One connection that only parses, for one thread at a time; each user has one, so that none waits."""

    def __init__(self, connection: Any, backtracks: int) -> None:
        """`connection`: of chDB; it is closed with this. `backtracks`: the bound on the parser's patience."""
        connection.query(f"SET max_parser_backtracks = {backtracks}", "TSV")
        self._connection = connection
        self._lock = threading.Lock()

    def is_read_only(self, sql: str) -> bool:
        """Whether the SQL, which `normal` did not refuse, leaves no trace. It takes three times as long."""
        with self._lock:
            found = self._connection._conn.classify_query(sql)
        return bool(found["statement_count"] == 1 and found["query_class"].name == "READ_ONLY")

    def normal(self, sql: str) -> str:
        """The statement as the engine writes it: each clause on a line of its own, no comments.

        Raises ClickHouseError 62 where the syntax is wrong.
        """
        return self._ask("formatQuery", sql)

    def tree(self, sql: str) -> str:
        """The syntax tree of a SELECT or EXPLAIN as JSON, "" if it has none. Raises ClickHouseError 62."""
        try:
            return self._ask("parseQueryToJSON", sql)
        except ClickHouseError as told:
            if told.code == 36:
                return ""  # some statements it cannot write down: SHOW, DESCRIBE
            raise

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _ask(self, function: str, sql: str) -> str:
        params = {"q": sql.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")}
        with self._lock:
            try:
                found = self._connection._conn.query(
                    f"SELECT {function}({{q:String}})", "TSVRaw", params=params
                )
            except RuntimeError as problem:
                told = from_engine(problem)
                raise ClickHouseError(told.code, told.name, told.text.split(": In scope ")[0]) from problem
        return bytes(found.bytes()).decode("utf-8", "replace")
