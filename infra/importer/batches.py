"""Facts into intake batches: in the order they happened, at most 256 KiB each, with ids by content. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter
from zoneinfo import ZoneInfo

from infra.importer.bookings import SOURCE, facts
from infra.importer.reading import Good
from schemas.codec import encode
from schemas.ids import derived_id
from schemas.records.rooms import RoomsFact, RoomsIntake

MAX_BATCH_BYTES = 256 * 1024
# A fact of the bookings takes about 204 bytes: 1,000 fill a batch without a second try.
FACTS = 1_000


def in_order(rows: Iterable[Good], zone: ZoneInfo) -> list[RoomsFact]:
    """Every fact of the rows, by `occurred_at`; of one moment, in the order of the file."""
    found = [fact for row in rows for fact in facts(row.key, row.booking, zone)]
    found.sort(key=attrgetter("occurred_at"))
    return found


def batches(
    said: list[RoomsFact], property_id: str, actor_id: str, known: Collection[str]
) -> Iterator[tuple[RoomsIntake, bytes]]:
    """Batches of the facts whose id is not `known`, each with its bytes; equal facts make an equal id."""
    news = [fact for fact in said if fact.fact_id not in known] if known else said
    for start in range(0, len(news), FACTS):
        yield from _fitting(news[start : start + FACTS], property_id, actor_id)


def _fitting(part: list[RoomsFact], property_id: str, actor_id: str) -> Iterator[tuple[RoomsIntake, bytes]]:
    batch = RoomsIntake(
        batch_id=derived_id(property_id, *(fact.fact_id for fact in part)),
        property_id=property_id,
        actor_id=actor_id,
        source_system=SOURCE,
        facts=part,
    )
    value = encode(batch)
    if len(value) <= MAX_BATCH_BYTES or len(part) == 1:
        yield batch, value
        return
    middle = len(part) // 2
    yield from _fitting(part[:middle], property_id, actor_id)
    yield from _fitting(part[middle:], property_id, actor_id)
