"""Applies migrations to a warehouse, embedded or not, as its writer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.migrations import plan
from infra.migrations.files import Migration, load
from infra.migrations.plan import Applied, Status
from infra.runtime.clickhouse import access
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings

_SERVER_DATABASE = "__default__"  # clickhouse-connect's word for "name none"


def migrate(settings: Settings, files: Sequence[Migration] | None = None) -> tuple[str, ...]:
    """Applies what is pending and returns the names.

    A migration's row is written after its last statement, so one that was cut off runs again as a whole:
    statements say IF NOT EXISTS.

    Raises Problem if the warehouse does not answer, a statement fails, or the history does not fit the files.
    """
    with _Client(settings) as client:
        todo = plan.pending(load() if files is None else files, client.applied())
        for migration in todo:
            client.apply(migration)
    return tuple(migration.name for migration in todo)


def status(settings: Settings, files: Sequence[Migration] | None = None) -> tuple[Status, ...]:
    """Every migration and its state. Raises Problem if the warehouse does not answer."""
    with _Client(settings) as client:
        return plan.status(load() if files is None else files, client.applied())


class _Client:
    """The writer's connection."""

    def __init__(self, settings: Settings) -> None:
        self._database = settings.clickhouse_database
        try:
            self._client: Any = clickhouse_connect.get_client(
                **access(settings) | {"database": _SERVER_DATABASE}
            )
        except ClickHouseError as problem:
            raise Problem(
                f"The warehouse at {settings.clickhouse_address} did not let the writer in "
                f"({_first_line(problem)}): check that it runs, and CONCIERGE_CLICKHOUSE_WRITER_PASSWORD."
            ) from problem

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def applied(self) -> tuple[Applied, ...]:
        """The history; empty where there is none yet."""
        known = self._client.query(
            "SELECT count() FROM system.tables WHERE database = {d:String} AND name = 'migrations'",
            parameters={"d": self._database},
        )
        if not known.result_rows[0][0]:
            return ()
        rows = self._client.query(
            "SELECT number, name, checksum, applied_at FROM {d:Identifier}.migrations ORDER BY number",
            parameters={"d": self._database},
        ).result_rows
        return tuple(
            Applied(number, name, checksum, at.replace(tzinfo=UTC)) for number, name, checksum, at in rows
        )

    def apply(self, migration: Migration) -> None:
        """Runs its statements one by one, then writes its row."""
        for at, statement in enumerate(migration.statements, 1):
            # The first creates the database, so it cannot be run inside of it.
            where = {} if migration.number == 1 else {"database": self._database}
            # Put in here: as a parameter it would stay one in a view that has parameters of its own.
            sql = statement.replace("{database:Identifier}", f"`{self._database}`")
            try:
                self._client.command(sql, settings=where, use_database=False)
            except ClickHouseError as problem:
                raise Problem(
                    f"Migration {migration.name} failed at statement {at}: {_first_line(problem)}. "
                    "Mend the cause and start again; it will run again as a whole."
                ) from problem
        self._client.insert(
            "migrations",
            [[migration.number, migration.name, migration.checksum]],
            column_names=["number", "name", "checksum"],
            database=self._database,
        )


def _first_line(problem: Exception) -> str:
    """What people can use of it: of a connection's failure the system's own words, not the library's."""
    text = str(problem).strip()
    system = re.search(r"\[Errno -?\d+\] ([^'\")\]]+)", text)
    return system[1].strip() if system else text.splitlines()[0][:300]
