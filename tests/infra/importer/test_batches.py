"""Batches: ordered, bounded, the same for the same facts."""

from __future__ import annotations

from operator import attrgetter
from zoneinfo import ZoneInfo

from infra.importer import batches as module
from infra.importer.batches import MAX_BATCH_BYTES, batches
from infra.importer.bookings import booking, facts
from schemas import topics as t
from schemas.codec import decode
from schemas.records.rooms import RoomsFact
from tests.infra.importer.rows import row

ZONE = ZoneInfo("Europe/Lisbon")


def said(count: int, **changes: str) -> list[RoomsFact]:
    """The facts of so many rows."""
    rows = (booking(row(lead_time=str(n % 300), **changes)) for n in range(count))
    return [fact for n, found in enumerate(rows) for fact in facts(f"key-{n}", found, ZONE)]


def test_in_their_order_and_whole() -> None:
    news = said(500)
    found = list(batches(iter(news), "h1", "import"))
    assert [len(batch.facts) for batch, _ in found] == [1_000, 1_000, 500]
    assert [f for batch, _ in found for f in batch.facts] == news
    assert all(decode(value, t.ROOMS_INTAKE) == batch for batch, value in found)


def test_no_batch_is_above_256_kib() -> None:
    news = said(600, market_segment="s" * 300, country="c" * 300)
    # Reservations are longer than the rest; by time they stand together.
    found = list(batches(sorted(news, key=attrgetter("occurred_at")), "h", "i"))
    assert all(len(value) <= MAX_BATCH_BYTES for _, value in found)
    assert len(found) > 3_000 / module.FACTS


def test_equal_facts_make_equal_batches() -> None:
    once, again, less = (
        [b.batch_id for b, _ in batches(part, "h", "i")] for part in (said(20), said(20), said(19))
    )
    assert once == again
    assert once != less
    assert list(batches([], "h", "i")) == []
