"""One query on one chDB connection, in a thread of its own: set up, run, hand the bytes on, clean up."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from infra.engines.warehouse.asks import Ask
from infra.engines.warehouse.config import GUEST, OWNER, READER
from infra.engines.warehouse.engine import Engine, name, quote
from infra.engines.warehouse.errors import from_engine
from infra.engines.warehouse.pipes import GoneError, Inlet, Outlet
from infra.engines.warehouse.sessions import Session
from infra.engines.warehouse.statements import Statement, parse

_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ (Linux)
_PIPE_BYTES = 1 << 20

# Rows of the format Values are rows then, not SQL.
NO_EXPRESSIONS = {
    "input_format_values_interpret_expressions": "0",
    "input_format_values_deduce_templates_of_expressions": "0",
}


@dataclass(frozen=True, slots=True)
class External:
    """A table that comes with the request: `structure` as in CREATE TABLE, rows in `fmt`."""

    name: str
    structure: str
    fmt: str
    data: bytes = field(repr=False)


@dataclass(slots=True)
class Summary:
    """What a query did, for X-ClickHouse-Summary."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0


class Job:
    """A query that runs. `run` is called once, in a thread; all else from the event loop.

    `named`: the statement itself names the format `fmt`.
    """

    def __init__(
        self,
        engine: Engine,
        role: str,
        ask: Ask,
        statement: Statement,
        fmt: str,
        named: bool,
        tables: tuple[External, ...],
        session: Session | None,
        inlet: Inlet | None,
        outlet: Outlet,
    ) -> None:
        self._engine, self._role, self._ask, self._statement = engine, role, ask, statement
        self._fmt, self._named, self._tables, self._session = fmt, named, tables, session
        self._inlet, self._outlet = inlet, outlet
        self._tag = os.urandom(12).hex()
        self._running = threading.Event()
        self._why: Exception | None = None
        self.outcome = "ok"
        self.summary = Summary()

    def run(self) -> None:
        """Runs the query to its end; errors go to the outlet, nothing is raised."""
        began = time.perf_counter_ns()
        problem: BaseException | None = None
        try:
            self._run()
        except GoneError as gone:
            problem = gone
        except Exception as raised:
            problem = (
                from_engine(raised) if isinstance(raised, RuntimeError) or "Code:" in str(raised) else raised
            )
        if problem is not None:
            self.outcome = "cancelled" if self._why is not None else "error"
            problem = self._why or problem
        self.summary.elapsed_ns = time.perf_counter_ns() - began
        if self._inlet is not None:
            self._inlet.leave()
        self._outlet.finish(problem)

    def cancel(self, why: Exception) -> None:
        """Ends the query soon; who still waits for it gets `why`. Blocks for a millisecond or so."""
        self._why = self._why or why
        self._outlet.leave()
        if self._inlet is not None:
            self._inlet.finish(GoneError())
        if self._running.is_set():
            with contextlib.suppress(RuntimeError):
                self._engine.kill(self._tag)

    def _run(self) -> None:
        if self._session is None:
            connection = self._engine.connect(self._role)
        else:
            if self._session.connection is None:
                self._session.connection = self._engine.connect(self._role)
            connection = self._session.connection
        undo: list[str] = []
        try:
            self._set_up(connection, undo)
            self._running.set()
            if self._why is not None:
                raise GoneError
            if self._statement.takes_data:
                self._insert(connection)
            elif self._statement.is_select:
                self._through_pipe(connection)
            else:
                self._plain(connection)
        finally:
            self._running.clear()
            if self._session is None:
                connection.close()
            else:
                self._restore(self._session, connection, undo)

    def _set_up(self, connection: Any, undo: list[str]) -> None:
        """Settings, database and tables of this request; `undo` gets what restores a session afterwards."""
        settings = dict(self._ask.settings)
        if self._tables:
            settings |= NO_EXPRESSIONS
        if self._session is not None:
            undo += self._remember(self._session, connection, settings)
        settings["log_comment"] = self._tag
        if self._statement.takes_data:
            settings.update({f"param_{key}": value for key, value in self._ask.params.items()})
        connection.query(
            "SET " + ", ".join(f"{key} = {quote(value)}" for key, value in settings.items()), "TSV"
        )
        if self._tables:
            if self._role == READER:
                connection.query(f"SET ROLE {GUEST}", "TSV")
            for table in self._tables:
                undo.append(f"DROP TEMPORARY TABLE IF EXISTS {name(table.name)}")
                self._make(connection, table)
            if self._role == READER:
                connection.query(f"SET ROLE {READER}", "TSV")
        self._use(connection)

    def _use(self, connection: Any) -> None:
        session = self._session
        if session is None:
            if self._ask.database:
                connection.query(f"USE {name(self._ask.database)}", "TSV")
            return
        wanted = self._ask.database or session.home
        if wanted != session.current:
            # Back home may be a database that a reader may not name.
            role = self._role if self._ask.database else OWNER
            connection.query(f"SET ROLE {role}", "TSV")
            try:
                connection.query(f"USE {name(wanted)}", "TSV")
                session.current = wanted
            finally:
                connection.query(f"SET ROLE {self._role}", "TSV")

    def _remember(self, session: Session, connection: Any, settings: dict[str, str]) -> list[str]:
        """What sets this request's settings back: they are for the request only, SET is for the session."""
        for key in settings:
            if key not in session.settings:
                old = connection._conn.query(
                    "SELECT value FROM system.settings WHERE name = {n:String}", "TSVRaw", params={"n": key}
                )
                session.settings[key] = bytes(old.bytes()).decode()[:-1]
        if self._statement.verb == "SET":
            session.settings.clear()
            return []
        if not settings:
            return []
        return ["SET " + ", ".join(f"{key} = {quote(session.settings[key])}" for key in settings)]

    def _restore(self, session: Session, connection: Any, undo: list[str]) -> None:
        """A session as it was before the request; a reader alone may not name every database.

        One that cannot be put back is given up: it might have more rights, or other settings, than its user.
        """
        try:
            if undo:
                connection.query(f"SET ROLE {OWNER}", "TSV")
                for sql in undo:
                    connection.query(sql, "TSV")
            connection.query(f"SET ROLE {self._role}", "TSV")
        except RuntimeError:
            session.forget()

    def _make(self, connection: Any, table: External) -> None:
        connection.query(
            f"CREATE TEMPORARY TABLE {name(table.name)} ({table.structure}) ENGINE = Memory", "TSV"
        )
        self._load(connection, parse(f"INSERT INTO {name(table.name)}".encode()), table.fmt, [table.data])

    def _insert(self, connection: Any) -> None:
        assert self._inlet is not None
        written = self._load(connection, self._statement, self._fmt, iter(self._inlet.pull, None))
        if written is not None:
            self._count(written)

    def _load(self, connection: Any, insert: Statement, fmt: str, chunks: Iterable[bytes]) -> Any:
        """The engine's result, None where there are no rows.

        All of them to a file first: chDB's INSERT of chunks says nothing of what goes wrong behind the parser
        (a violated constraint, too many parts, a full disk), and the rows are gone.
        """
        path = self._engine.pipes / f"{os.urandom(12).hex()}.rows"
        try:
            with path.open("xb") as file:
                file.writelines(chunks)
            if path.stat().st_size:
                return connection._conn.query(insert.with_infile(str(path), fmt), "TSV")
        finally:
            path.unlink(missing_ok=True)
        return None

    def _plain(self, connection: Any) -> None:
        result = connection._conn.query(self._statement.sql, self._fmt, params=dict(self._ask.params))
        self._count(result)
        if result.size():
            self._outlet.push(bytes(result.bytes()))
        if self._session is not None and self._statement.verb == "USE":
            now = bytes(connection.query("SELECT currentDatabase()", "TSVRaw").bytes()).decode()[:-1]
            self._session.home = self._session.current = now

    def _through_pipe(self, connection: Any) -> None:
        """A MiB at a time. chDB's own streams hand on blocks of any size, which nobody counts while they wait

        for a slow client, and formats with a header or a footer they hold until the end.
        """
        path = self._engine.pipes / self._tag
        os.mkfifo(path, 0o600)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        writer = os.open(path, os.O_WRONLY)
        os.set_blocking(reader, True)
        with contextlib.suppress(OSError):
            fcntl.fcntl(writer, _SET_PIPE_SIZE, _PIPE_BYTES)
        said: list[BaseException] = []

        def write() -> None:
            try:
                sql = self._statement.with_outfile(str(path), self._fmt, self._named)
                self._count(connection._conn.query(sql, "TSV", params=dict(self._ask.params)))
            except Exception as problem:
                said.append(problem)
            finally:
                os.close(writer)

        thread = threading.Thread(target=write, name="warehouse-pipe")
        thread.start()
        try:
            while chunk := os.read(reader, _PIPE_BYTES):
                self._outlet.push(chunk)
        finally:
            os.close(reader)
            thread.join()
            path.unlink()
        if said:
            raise said[0]

    def _count(self, result: Any) -> None:
        self.summary.read_rows += result.storage_rows_read()
        self.summary.read_bytes += result.storage_bytes_read()
        self.summary.written_rows += result.rows_written()
        self.summary.written_bytes += result.bytes_written()
