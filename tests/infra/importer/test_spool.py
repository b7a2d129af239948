"""The spool: counts, sorts and forgets nothing, whatever the file's size; a full disk is one sentence."""

from __future__ import annotations

import sqlite3
import tracemalloc
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.importer.bookings import booking, facts
from infra.importer.reading import Bad
from infra.importer.spool import Spool
from infra.runtime.problems import Problem
from tests.infra.importer.rows import row

ZONE = ZoneInfo("Europe/Lisbon")


def filled(spool: Spool, count: int) -> list[str]:
    """So many rows' facts, of which the ids come back in the order of the file."""
    ids = []
    for n in range(count):
        said = facts(f"key-{n}", booking(row(lead_time=str(n * 7 % 300), adr="76.50")), ZONE)
        spool.add(said)
        ids += [fact.fact_id for fact in said]
    return ids


def test_facts_come_in_the_order_they_happened_and_as_they_were() -> None:
    with Spool() as spool:
        ids = filled(spool, 100)
        found = list(spool.news())
    assert [(f.occurred_at, ids.index(f.fact_id)) for f in found] == sorted(
        (f.occurred_at, ids.index(f.fact_id)) for f in found
    )
    assert len(found) == len(ids) == 500
    made = next(fact.reservation_made for fact in found if fact.reservation_made)
    assert (made.rate, made.arrival.isoformat()) == (Decimal("76.50"), "2016-03-26")


def test_known_facts_stay_out() -> None:
    with Spool() as spool:
        ids = filled(spool, 20)
        spool.know(ids[:30])
        spool.know([*ids[20:40], "another import's"])
        assert spool.counts() == (100, 60)
        assert {fact.fact_id for fact in spool.news()} == set(ids[40:])


def test_equal_rows_are_counted_and_bad_ones_kept() -> None:
    with Spool() as spool:
        assert [spool.nth(text) for text in ("a", "b", "a", "a", "é")] == [1, 1, 2, 3, 1]
        rows = [Bad(7, b"\xff", "why"), Bad(9, b"", "so")]
        for one in rows:
            spool.reject(one)
        assert list(spool.rejected()) == rows


def test_memory_does_not_grow_with_the_file() -> None:
    with Spool() as spool:
        filled(spool, 10)  # first calls fill caches
        list(spool.news())
        tracemalloc.start()
        try:
            for n in range(1_000):
                spool.nth(f"row {n}")
                spool.add(facts(f"more-{n}", booking(row()), ZONE))
            spool.know(f"known-{n}" for n in range(5_000))
            assert sum(1 for _ in spool.news()) == 5_050
            # 5,000 facts as objects are 4 MB.
            assert tracemalloc.get_traced_memory()[1] < 1_500_000
        finally:
            tracemalloc.stop()


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Spool() as spool:
        filled(spool, 1)
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_sentence() -> None:
    with pytest.raises(Problem, match="make room there, or set TMPDIR"), Spool():
        raise sqlite3.OperationalError("database or disk is full")
