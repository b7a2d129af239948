"""Where stays leave their rooms, and what of it contradicts."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from schemas.record import Record
from schemas.records import rooms as said
from streams.rules import rooms_standing
from streams.rules.rooms import House

DAY = datetime.date(2026, 3, 1)


def made(name: str = "A", adults: int = 2, room: str | None = None) -> said.ReservationMade:
    return said.ReservationMade(
        reservation_id=name,
        arrival=DAY,
        departure=DAY + datetime.timedelta(days=1),
        booked_on=DAY,
        rate=Decimal(1),
        currency="EUR",
        adults=adults,
        room_id=room,
    )


def came(name: str = "A", room: str | None = "101") -> said.CheckedIn:
    return said.CheckedIn(reservation_id=name, room_id=room)


def left(name: str = "A", room: str | None = None) -> said.CheckedOut:
    return said.CheckedOut(reservation_id=name, room_id=room)


def word(dimension: said.Dimension, value: str, persons: int | None = None) -> said.RoomStatusChanged:
    return said.RoomStatusChanged(room_id="101", dimension=dimension, value=value, persons=persons)


def heard(*timed: tuple[int, Record]) -> House:
    """A house that heard these in this order, with what followed from each."""
    house = House()
    for at, body in timed:
        house.apply("", body, at, "pms")
        for fact in rooms_standing.consequences(house, house.touched(body), at):
            house.apply(fact.name, fact.body, fact.at, "pms")
    return house


def shown(house: House, room: str = "101") -> tuple[str, str, str | None]:
    now = house.room(room)
    return now.front_office, now.housekeeping, now.reservation_id


def test_a_stay_occupies_its_room_and_leaves_it_dirty() -> None:
    assert shown(heard((1, made()), (2, came()))) == ("occupied", "clean", "A")
    assert shown(heard((1, made()), (2, came()), (3, left()))) == ("vacant", "dirty", None)


def test_a_check_out_counts_for_the_room_that_is_told_only_afterwards() -> None:
    assigned = said.RoomAssigned(reservation_id="A", room_id="101")
    house = heard((2, came(room=None)), (5, left()), (1, assigned))
    assert shown(house) == ("vacant", "dirty", None)
    assert house.room("101").changed_at["housekeeping"] == 5


def test_who_moves_leaves_the_first_room_dirty_and_occupies_the_second() -> None:
    move = said.RoomAssigned(reservation_id="A", room_id="102")
    house = heard((1, made()), (2, came()), (4, move))
    assert (shown(house), shown(house, "102")) == (("vacant", "dirty", None), ("occupied", "clean", "A"))


def test_a_room_that_was_only_guessed_gets_its_own_words_back() -> None:
    clean = word("housekeeping", "clean")
    house = heard(
        (3, clean), (1, made(room="101")), (5, came(room=None)), (9, left()),
        (2, said.RoomAssigned(reservation_id="A", room_id="102")),
    )  # fmt: skip
    assert (shown(house), shown(house, "102")) == (("vacant", "clean", None), ("vacant", "dirty", None))


def test_of_two_who_share_a_room_one_stays() -> None:
    house = heard((1, came("A")), (2, came("B")), (3, left("B", "101")))
    assert shown(house) == ("occupied", "dirty", "A")


@pytest.mark.parametrize(
    ("timed", "kind"),
    [
        ([(2, came()), (3, word("seen", "occupied"))], "none"),
        ([(2, came()), (3, word("seen", "vacant"))], "skip"),
        ([(3, came()), (2, word("seen", "vacant"))], "none"),
        ([(2, came()), (3, word("seen", "vacant")), (4, left())], "none"),
        ([(2, came()), (3, word("seen", "vacant")), (4, word("seen", "occupied"))], "none"),
        ([(2, came()), (3, left()), (4, word("seen", "occupied"))], "sleep"),
        ([(1, word("seen", "occupied"))], "sleep"),
        ([(2, came()), (3, left()), (2, word("seen", "occupied"))], "none"),
        ([(1, made()), (2, came()), (3, word("seen", "occupied", 3))], "person"),
        ([(1, made()), (2, came()), (3, word("seen", "occupied", 2))], "none"),
        ([(2, came()), (3, word("seen", "occupied", 2))], "none"),
        ([(2, came("A")), (3, came("B"))], "double_occupancy"),
        ([(2, came("A")), (3, came("B")), (4, left("A"))], "none"),
        ([(3, came("B")), (2, came("A")), (3, left("A"))], "not_ready"),
        ([(1, word("block", "out_of_order")), (2, came())], "blocked"),
        ([(1, word("block", "out_of_service")), (2, came())], "none"),
        ([(1, word("housekeeping", "dirty")), (2, came())], "not_ready"),
        ([(1, word("housekeeping", "dirty")), (2, came()), (3, word("housekeeping", "clean"))], "none"),
        ([(2, came()), (3, word("housekeeping", "dirty"))], "none"),
        ([(1, word("front_office", "occupied")), (2, word("seen", "vacant"))], "skip"),
    ],
)
def test_what_contradicts_is_found_and_forgotten(timed: list[tuple[int, Record]], kind: str) -> None:
    room = heard(*timed).room("101")
    assert room.discrepancy == kind
    assert bool(room.discrepancy_reason) == (kind != "none")
