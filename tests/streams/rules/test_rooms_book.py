"""The book says of each room what a search through all reservations says."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from schemas.records import rooms as said
from schemas.records.rooms import ReservationState
from streams.rules.deciding import Said
from streams.rules.rooms import House
from streams.rules.rooms_book import Page, segments
from tests.streams.rules.test_rooms_standing import came, left, made

ROOMS = ("101", "102", "103")
NAMES = ("A", "B", "C")

names, rooms = st.sampled_from(NAMES), st.sampled_from(ROOMS)
bodies = st.one_of(
    st.builds(made, names, st.just(2), st.none() | rooms),
    st.builds(lambda name, room: said.RoomAssigned(reservation_id=name, room_id=room), names, rooms),
    st.builds(came, names, st.none() | rooms),
    st.builds(left, names, st.none() | rooms),
    st.builds(lambda name: said.ReservationCancelled(reservation_id=name), names),
)


def searched(reservations: Mapping[str, ReservationState], room_id: str) -> Page:
    """One room, found the slow way."""
    page = Page()
    for one in reservations.values():
        if one.status == "made" and one.room_id == room_id:
            page.awaited.add(one.reservation_id)
        for room, begin, end in segments(one):
            if room == room_id and end is None:
                page.inside[one.reservation_id] = begin
            elif room == room_id and end is not None:
                page.left.append(end)
    page.left = array("q", sorted(page.left))
    return page


@given(st.lists(st.tuples(st.integers(0, 9), bodies), max_size=25))
def test_the_book_says_what_a_search_says(timed: list[tuple[int, object]]) -> None:
    house = House()
    for at, body in timed:
        house.apply("", body, at, "")
        for room in ROOMS:
            assert house.book.page(room) == searched(house.reservations, room)
    again = House()
    again.restore(house.entities())
    for room in ROOMS:
        assert again.book.page(room) == house.book.page(room)


def test_what_is_only_foreseen_leaves_no_trace() -> None:
    house = House()
    house.apply("", made("A", room="101"), 1, "")
    house.foresee((Said("checked_in", came("A", "101"), 2), Said("checked_in", came("B", "102"), 2)), 2)
    assert house.book.page("101") == searched(house.reservations, "101") == Page(awaited={"A"})
    assert house.book.page("102") == Page()
