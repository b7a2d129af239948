"""What of a batch changes a business date that was closed long ago."""

from __future__ import annotations

import datetime

import pytest

from schemas.records.base import Cause, Why
from schemas.records.rooms import CheckedOut, HouseState, RoomsAnswer, RoomsFact
from streams.rules.restating import DAY_MS, restating

NOW = 10 * DAY_MS
LEFT = CheckedOut(reservation_id="R")


def answer(*facts: tuple[str, int]) -> RoomsAnswer:
    """(which system says so, when it happened)."""
    return RoomsAnswer(
        event_id="e", property_id="h", recorded_at=NOW, actor_id="a", actor_role="system", causation_id="c",
        verdict="accepted", cause=Cause(topic="rooms.intake", partition=0, offset=0), expected=0,
        why=Why(rule="r", sentence="s"),
        facts=[
            RoomsFact(fact_id=str(n), occurred_at=at, source_system=system, checked_out=LEFT)
            for n, (system, at) in enumerate(facts)
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("audited_at", "many"),
    [
        (None, 0),  # nothing was closed yet: a hotel brings its past along
        (NOW - 1, 2),
        (NOW - 2 * DAY_MS, 1),
    ],
)
def test_only_what_is_older_than_a_day_and_than_the_last_audit(audited_at: int | None, many: int) -> None:
    house = HouseState(business_date=datetime.date(1970, 1, 11), audited_at=audited_at)
    said = answer(
        ("pms", NOW - 3 * DAY_MS),
        ("pms", NOW - DAY_MS - 1),
        ("pms", NOW - DAY_MS),
        ("concierge", NOW - 3 * DAY_MS),
    )
    assert restating(house, said, NOW) == many
