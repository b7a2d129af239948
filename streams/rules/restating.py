"""What comes so late that a business date long closed changes: it counts, and is told. Pure."""

from __future__ import annotations

from schemas.records.rooms import HouseState, RoomsAnswer

DAY_MS = 24 * 3_600_000


def restating(house: HouseState, answer: RoomsAnswer, now: int) -> int:
    """How many of these facts of property systems happened more than a day before `now` (ms, the broker's),
    and before the last night audit. A hotel without one has closed nothing yet.
    """
    closed = min(house.audited_at or 0, now - DAY_MS)
    return sum(fact.source_system != "concierge" and fact.occurred_at < closed for fact in answer.facts)
