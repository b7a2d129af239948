"""A file's facts on disk: counted, sorted and told from those known, in memory that does not grow with it."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from infra.importer.reading import Bad
from infra.runtime.problems import Problem
from schemas.records.rooms import RoomsFact

# Pages that SQLite keeps in memory, KiB.
CACHE_KIB = 16_384
_TABLES = """
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{cache};
    CREATE TABLE seen (row BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID;
    CREATE TABLE facts (place INTEGER PRIMARY KEY, at INTEGER, id TEXT, body BLOB);
    CREATE TABLE known (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE bad (line INTEGER PRIMARY KEY, raw BLOB, reason TEXT);
    BEGIN;
"""


class Spool:
    """One import's temporary database; gone with `close`. One thread at a time. Problem: the disk is full.

    A scratch file needs neither a journal nor a sync: an import that was cut off starts with a new one.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="concierge-import-")
        path = Path(self._folder.name) / "spool"
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.executescript(_TABLES.format(cache=CACHE_KIB))
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(RoomsFact).decode

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, sqlite3.OperationalError):
            raise Problem(
                f"The import cannot write its temporary data in {self._folder.name} ({error}): make room "
                "there, or set TMPDIR to a folder with twenty times the unpacked file's size."
            ) from error

    def close(self) -> None:
        """Drops everything."""
        self._sql.close()
        self._folder.cleanup()

    def nth(self, canonical: str) -> int:
        """How often this row was seen, this time included."""
        digest = hashlib.blake2b(canonical.encode(), digest_size=16).digest()
        said = "INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n"
        found: int = self._sql.execute(said, (digest,)).fetchone()[0]
        return found

    def add(self, said: Iterable[RoomsFact]) -> None:
        """Facts of one row, in order."""
        rows = [(fact.occurred_at, fact.fact_id, self._encode(fact)) for fact in said]
        self._sql.executemany("INSERT INTO facts (at, id, body) VALUES (?, ?, ?)", rows)

    def know(self, ids: Iterable[str]) -> None:
        """Ids of facts that are in the tables already."""
        self._sql.executemany("INSERT OR IGNORE INTO known VALUES (?)", ((one,) for one in ids))

    def reject(self, row: Bad) -> None:
        """A row that makes no facts."""
        self._sql.execute("INSERT INTO bad VALUES (?, ?, ?)", (row.line, row.raw, row.reason))

    def counts(self) -> tuple[int, int]:
        """(all facts, those that are not known)."""
        sql = "SELECT count(*), count(*) FILTER (WHERE id NOT IN (SELECT id FROM known)) FROM facts"
        found: tuple[int, int] = self._sql.execute(sql).fetchone()
        return found

    def news(self) -> Iterator[RoomsFact]:
        """Facts that are not known, by `occurred_at`; of one moment, in the order of the file."""
        self._sql.execute("CREATE INDEX IF NOT EXISTS by_time ON facts (at)")
        sql = "SELECT body FROM facts WHERE id NOT IN (SELECT id FROM known) ORDER BY at, place"
        for (body,) in self._sql.execute(sql):
            yield self._decode(body)

    def rejected(self) -> Iterator[Bad]:
        """Bad rows, in the order of the file."""
        for line, raw, reason in self._sql.execute("SELECT line, raw, reason FROM bad ORDER BY line"):
            yield Bad(line, raw, reason)
