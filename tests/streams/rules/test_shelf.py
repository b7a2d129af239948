"""What lies packed is the same reservation, and a late fact finds it."""

from __future__ import annotations

import operator
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records.rooms import ReservationState, RoomWord
from streams.rules.shelf import OVER, Packed, Shelf, packed, unpacked
from tests.schemas.examples import records

STATES = records(ReservationState)


@settings(deadline=None)
@given(STATES, STATES)
def test_packed_it_is_the_same(one: ReservationState, other: ReservationState) -> None:
    assert unpacked(packed(one)) == one
    assert packed(one) == one
    assert one == packed(one)
    assert operator.ne(packed(one), one) is operator.ne(one, packed(one)) is False
    assert hash(packed(one)) == hash(packed(unpacked(packed(one))))
    assert (packed(one) == packed(other)) is (packed(one) == other) is (one == other)


def test_the_order_of_words_has_no_part_in_it() -> None:
    one = ReservationState(reservation_id="S", said_at={"made": 1, "room": 2})
    assert packed(one) == packed(ReservationState(reservation_id="S", said_at={"room": 2, "made": 1}))


@pytest.mark.parametrize("other", [None, 1, "S", {}])
def test_it_is_nothing_else(other: Any) -> None:
    assert packed(ReservationState(reservation_id="S")) != other
    assert unpacked(other) is other


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), STATES | st.none())))
def test_a_shelf_is_a_dict_of_reservations(steps: list[tuple[str, ReservationState | None]]) -> None:
    shelf, model = Shelf(), dict[str, ReservationState]()
    for own, one in steps:
        if one is not None:
            shelf[own] = model[own] = one
        else:
            assert shelf.pop(own, None) == model.pop(own, None)
        assert shelf == model
        assert [own in shelf for own in "abc"] == [own in model for own in "abc"]
        assert (len(shelf), list(shelf)) == (len(model), list(model))
        assert {own for own, body in shelf.lying.items() if isinstance(body, Packed)} == {
            own for own, held in model.items() if held.status in OVER
        }


def test_a_stay_that_is_over_is_a_third_of_a_kilobyte() -> None:
    id_ = "0190f3a2-7d5c-7aaa-8bbb-0123456789ab"
    words = [RoomWord(at=1_770_000_000_000 + at, room_id="101") for at in range(2)]
    over = ReservationState(
        reservation_id=id_,
        status="checked_out",
        guest_id=id_,
        said_at=dict.fromkeys(("made", "room", "guest"), 1_770_000_000_000),
        checked_in_at=1_770_000_000_000,
        checked_out_at=1_770_000_000_000,
        rooms=words,
        marks=["CheckedOut@1770000000000@101@"],
    )
    assert sys.getsizeof(packed(over)) < 400
