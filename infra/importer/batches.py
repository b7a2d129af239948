"""Facts into intake batches: in the order they come, at most 256 KiB each, with ids by content. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from infra.importer.bookings import SOURCE
from schemas.codec import encode
from schemas.ids import derived_id
from schemas.records.rooms import RoomsFact, RoomsIntake

MAX_BATCH_BYTES = 256 * 1024
# A fact of the bookings takes about 204 bytes: 1,000 fill a batch without a second try.
FACTS = 1_000


def batches(
    said: Iterable[RoomsFact], property_id: str, actor_id: str
) -> Iterator[tuple[RoomsIntake, bytes]]:
    """Batches of the facts, each with its bytes; equal facts make an equal id."""
    coming = iter(said)
    while part := list(islice(coming, FACTS)):
        yield from _fitting(part, property_id, actor_id)


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
