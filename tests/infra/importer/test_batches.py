"""Batches: ordered, bounded, the same for the same facts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from infra.importer import batches as module
from infra.importer.batches import MAX_BATCH_BYTES, batches, in_order
from infra.importer.bookings import booking
from infra.importer.reading import Good
from schemas import topics as t
from schemas.codec import decode
from tests.infra.importer.rows import row

ZONE = ZoneInfo("Europe/Lisbon")


def rows(count: int, **changes: str) -> list[Good]:
    return [Good(n + 2, f"key-{n}", booking(row(lead_time=str(n % 300), **changes))) for n in range(count)]


def test_in_the_order_they_happened_and_whole() -> None:
    said = in_order(rows(500), ZONE)
    assert len(said) == 2_500
    assert [f.occurred_at for f in said] == sorted(f.occurred_at for f in said)
    found = list(batches(said, "h1", "import", set()))
    assert [f for batch, _ in found for f in batch.facts] == said
    assert all(decode(value, t.ROOMS_INTAKE) == batch for batch, value in found)


def test_no_batch_is_above_256_kib() -> None:
    found = list(
        batches(in_order(rows(600, market_segment="s" * 300, country="c" * 300), ZONE), "h", "i", set())
    )
    assert all(len(value) <= MAX_BATCH_BYTES for _, value in found)
    assert len(found) > 3_000 / module.FACTS


def test_equal_facts_make_equal_batches_and_known_ones_stay_out() -> None:
    said = in_order(rows(20), ZONE)
    once, again = ([b.batch_id for b, _ in batches(said, "h", "i", set())] for _ in range(2))
    assert once == again
    known = {fact.fact_id for fact in said[:99]}
    [(left, _)] = batches(said, "h", "i", known)
    assert left.facts == said[99:]
    assert left.batch_id not in once
    assert list(batches(said, "h", "i", {fact.fact_id for fact in said})) == []
