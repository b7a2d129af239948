"""What a hostile producer makes of facts: none lost, none too late, poison that nothing can read."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.bench import hostile
from schemas import topics as t
from schemas.codec import Undecodable, decode, decode_as
from schemas.records.rooms import CheckedOut, RoomsFact, RoomsIntake

SEEDS = st.integers(0, 2**32)
HOUR_MS = 3_600_000


def facts(count: int) -> list[RoomsFact]:
    """One an hour."""
    return [
        RoomsFact(fact_id=str(n), occurred_at=n * HOUR_MS, checked_out=CheckedOut(reservation_id="r"))
        for n in range(count)
    ]


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_every_fact_comes_once_or_twice_and_at_most_a_day_late(seed: int) -> None:
    given = facts(300)
    found = list(hostile.shuffled(given, random.Random(seed)))
    counted = Counter(fact.fact_id for fact in found)
    assert counted.keys() == {fact.fact_id for fact in given}
    assert set(counted.values()) == {1, 2}
    latest = 0
    for fact in found:
        assert fact.occurred_at > latest - hostile.LATE_MS
        latest = max(latest, fact.occurred_at)
    assert [fact.fact_id for fact in found] != sorted((one.fact_id for one in found), key=int)


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_every_fact_is_in_a_batch_and_batches_are_whole(seed: int) -> None:
    given = facts(1_000)
    values = list(hostile.values(given, random.Random(seed)))
    read = [decode_as(value, t.ROOMS_INTAKE, RoomsIntake) for value in dict.fromkeys(values)]
    assert [fact.fact_id for batch in read for fact in batch.facts] == [fact.fact_id for fact in given]
    assert len({batch.batch_id for batch in read}) == len(read)


def test_one_batch_in_ten_comes_again() -> None:
    values = list(hostile.values(facts(20_000), random.Random(1)))
    again = len(values) - len(set(values))
    assert 0.05 < again / len(values) < 0.15


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_poison_is_no_record_of_any_intake(seed: int) -> None:
    dice = random.Random(seed)
    (value,) = hostile.values(facts(1), random.Random(3))
    for _ in range(10):
        bad = hostile.poison(value, dice)
        for topic in hostile.INTAKES:
            with pytest.raises(Undecodable):
                decode(bad, topic)
