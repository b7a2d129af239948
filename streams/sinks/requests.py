"""The table `rebuilds`: what is asked of the sinks, and how far they are. Blocking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any, Literal

from schemas.ids import new_id

State = Literal["asked", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was said last of one partition of a request. `version` counts what was said."""

    id: str
    partition: int
    version: int
    state: State
    tables: tuple[str, ...]
    records: int = 0
    of: int = 0
    rows: int = 0
    left_out: int = 0
    note: str = ""

    def next(self, **changed: Any) -> Request:
        """The next word about it."""
        return replace(self, version=self.version + 1, **changed)


_COLUMNS = tuple("_partition" if field.name == "partition" else field.name for field in fields(Request))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM rebuilds FINAL WHERE"  # noqa: S608  # our own names


def ask(client: Any, tables: Sequence[str], partitions: Iterable[int]) -> str:
    """Asks for these tables in these partitions, and returns the id."""
    asked = new_id()
    _insert(client, [Request(asked, partition, 1, "asked", tuple(tables)) for partition in partitions])
    return asked


def say(client: Any, request: Request) -> Request:
    """Writes a word about it, and returns it."""
    _insert(client, [request])
    return request


def first(client: Any, partitions: Collection[int]) -> Request | None:
    """The oldest that is still to do in one of these partitions."""
    found = client.query(
        f"{_SELECT} state IN ('asked', 'running') AND _partition IN {{p:Array(UInt16)}} "
        "ORDER BY id, _partition LIMIT 1",
        parameters={"p": sorted(partitions)},
    ).result_rows
    return _request(found[0]) if found else None


def of(client: Any, asked: str) -> list[Request]:
    """All partitions of one request."""
    rows = client.query(f"{_SELECT} id = {{id:String}} ORDER BY _partition", parameters={"id": asked})
    return [_request(row) for row in rows.result_rows]


def _request(row: Sequence[Any]) -> Request:
    known = Request(*row)
    return replace(known, tables=tuple(known.tables))


def _insert(client: Any, requests: list[Request]) -> None:
    client.insert("rebuilds", [astuple(one) for one in requests], column_names=_COLUMNS)
