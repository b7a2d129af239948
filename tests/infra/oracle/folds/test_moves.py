"""Who stays, by counting."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.oracle.folds.moves import Moves
from schemas.course import STAYS, Course
from schemas.records import rooms as said
from schemas.records.rooms import RoomsFact

KINDS: list[type[Any]] = [said.CheckedIn, said.CheckedOut, said.CheckInReversed, said.CheckOutReversed]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5)), max_size=8))
def test_counted_and_folded_it_is_the_same(words: list[tuple[type[Any], int]]) -> None:
    moves, course = Moves(), Course()
    for kind, at in words:
        body = kind(reservation_id="A")
        moves.take(RoomsFact(fact_id="f", occurred_at=at), body)
        course.take(body, at)
    assert moves.stands() == (course.status if course.status in STAYS else None)
