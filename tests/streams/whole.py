"""What recovery must bring back of a partition, in comparable form."""

from __future__ import annotations

from typing import Any

from streams.rules.answering import Partition
from streams.rules.seen import ID_BYTES


def whole(part: Partition) -> tuple[Any, ...]:
    """(next answer's place, next inputs, entities by hotel, deadlines by hotel, ids heard)."""
    hotels = {name: {k: v for k, v in rules.entities().items() if v} for name, rules in part.hotels.items()}
    due = {name: rules.due() for name, rules in part.hotels.items()}
    ids = {
        piece[at : at + ID_BYTES]
        for piece in part.seen.pieces().values()
        for at in range(0, len(piece), ID_BYTES)
    }
    return (
        part.expected,
        {topic: at for topic, at in part.next.items() if at},
        {name: found for name, found in hotels.items() if found},
        {name: at for name, at in due.items() if at is not None},
        ids,
    )
