"""How far a reservation came is what the whole state says, whatever the order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.course import Course
from schemas.house import reserved
from schemas.record import Record
from schemas.records import rooms
from schemas.records.rooms import ReservationState

KINDS: list[type[Any]] = [
    rooms.ReservationCancelled,
    rooms.ReservationNoShow,
    rooms.CheckedIn,
    rooms.CheckedOut,
    rooms.CheckInReversed,
    rooms.CheckOutReversed,
]

CASES: list[tuple[list[tuple[type[Any], int]], str]] = [
    ([], "made"),
    ([(rooms.CheckedIn, 5), (rooms.CheckInReversed, 6)], "made"),
    ([(rooms.CheckedIn, 5), (rooms.CheckInReversed, 6), (rooms.CheckedIn, 7)], "in_house"),
    ([(rooms.CheckedIn, 5), (rooms.CheckInReversed, 5)], "made"),
    ([(rooms.CheckedIn, 5), (rooms.CheckedOut, 6), (rooms.CheckOutReversed, 7)], "in_house"),
    ([(rooms.CheckedIn, 5), (rooms.CheckedOut, 6), (rooms.CheckInReversed, 7)], "made"),
    ([(rooms.ReservationNoShow, 1), (rooms.CheckedIn, 5), (rooms.CheckInReversed, 6)], "no_show"),
    ([(rooms.ReservationNoShow, 1), (rooms.ReservationCancelled, 2)], "no_show"),
    ([(rooms.ReservationCancelled, 9), (rooms.CheckedOut, 5)], "checked_out"),
]


def status(*words: tuple[type[Any], int]) -> str:
    """After these words, each at its moment."""
    course = Course()
    for kind, at in words:
        course.take(kind(reservation_id="A"), at)
    return course.status


@pytest.mark.parametrize(("words", "wanted"), CASES)
def test_the_highest_that_was_not_reversed_since(words: list[tuple[type[Any], int]], wanted: str) -> None:
    assert status(*words) == status(*reversed(words)) == wanted


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 6)), max_size=8))
def test_as_the_reservations_own_fold_says(words: list[tuple[type[Any], int]]) -> None:
    one = ReservationState(reservation_id="A")
    for kind, at in words:
        body: Record = kind(reservation_id="A")
        one = reserved(one, body, at)
    assert one.status == status(*words)
    assert (one.checked_out_at is None) == (one.status != "checked_out")
    assert one.status != "in_house" or one.checked_in_at is not None
