"""What the warehouse says of an import: which facts it has, which batches were answered and written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.importer.bookings import SOURCE
from infra.runtime.clickhouse import access
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings

_TABLES = ("reservation_facts", "stay_facts", "charges")


@dataclass(frozen=True, slots=True)
class Landed:
    """Of the batches asked for: how many are answered, with how many new facts, all of them in the tables?"""

    batches: int
    facts: int
    written: bool


class Tables:
    """The warehouse as `reader`. Blocking. Raises Problem while it is away."""

    def __init__(self, settings: Settings, property_id: str, partition: int) -> None:
        self._settings, self._property, self._partition = settings, property_id, partition
        with _away(settings):
            self._client: Any = clickhouse_connect.get_client(**access(settings, reader=True))

    def close(self) -> None:
        self._client.close()

    def known(self) -> Iterator[str]:
        """Ids of the facts of this hotel's imports that are in the tables, block by block."""
        for table in _TABLES:
            sql = (
                f"SELECT fact_id FROM {table} "  # noqa: S608  # our own names
                "WHERE property_id = {p:String} AND source_system = {s:String}"
            )
            said = {"p": self._property, "s": SOURCE}
            with (
                _away(self._settings),
                self._client.query_row_block_stream(sql, parameters=said) as stream,
            ):
                for block in stream:
                    yield from (fact_id for (fact_id,) in block)

    def known_letters(self, event_ids: Collection[str]) -> set[str]:
        """Those of these dead letters that are in the tables."""
        rows = self._rows(
            "SELECT event_id FROM dead_letters WHERE property_id = {p:String} "
            "AND event_id IN {ids:Array(String)}",
            ids=list(event_ids),
        )
        return {event_id for (event_id,) in rows}

    def landed(self, batch_ids: Collection[str]) -> Landed:
        """How far these batches are."""
        rows = self._rows(
            "SELECT uniqExact(causation_id), sum(facts), max(_offset) < (SELECT max(next_offset) "
            "FROM progress WHERE topic = 'rooms' AND _partition = {n:UInt16}) FROM decisions FINAL "
            "WHERE property_id = {p:String} AND topic = 'rooms' AND _partition = {n:UInt16} "
            "AND causation_id IN {ids:Array(String)}",
            ids=list(batch_ids),
            n=self._partition,
        )
        batches, facts, written = rows[0]
        return Landed(batches, facts, batches == len(batch_ids) and (bool(written) or not batches))

    def _rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with _away(self._settings):
            found = self._client.query(sql, parameters={"p": self._property, **parameters})
            rows: list[tuple[Any, ...]] = found.result_rows
            return rows


class _away:
    """Turns the client's errors into one sentence."""

    def __init__(self, settings: Settings) -> None:
        self._address = settings.clickhouse_address

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, (ClickHouseError, OSError)):
            line = (str(error).strip().splitlines() or [""])[0]
            line = "no connection" if "Max retries" in line else line[:200]
            raise Problem(
                f"The warehouse at {self._address} does not answer the reader ({line}): start it with "
                "`concierge up`, then import again; what is done stays done."
            ) from error
