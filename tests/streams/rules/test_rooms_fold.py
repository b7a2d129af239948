"""Guarantee 5: the same facts make the same house, in any order and however often they are said."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import said
from schemas.records.rooms import (
    ChargePosted,
    CheckedIn,
    CheckedOut,
    ReservationCancelled,
    ReservationMade,
    RoomAssigned,
    RoomsFact,
    RoomStatusChanged,
)
from streams.rules import rooms_fold
from streams.rules.rooms import House

DAY = datetime.date(2026, 3, 1)


def _made(reservation: str, nights: int, room: str | None = None) -> ReservationMade:
    return ReservationMade(
        reservation_id=reservation,
        arrival=DAY,
        departure=DAY + datetime.timedelta(days=nights),
        booked_on=DAY,
        rate=Decimal("99"),
        currency="EUR",
        room_id=room,
    )


BODIES: list[dict[str, Any]] = [
    {"reservation_made": _made("A", 2)},
    {"reservation_made": _made("A", 3, "102")},
    {"room_assigned": RoomAssigned(reservation_id="A", room_id="101")},
    {"checked_in": CheckedIn(reservation_id="A", room_id="101", guest_id="ann")},
    {"room_status_changed": RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty")},
    {"reservation_cancelled": ReservationCancelled(reservation_id="A")},
    {
        "charge_posted": ChargePosted(
            charge_id="c", reservation_id="A", business_date=DAY, kind="room", amount=Decimal(1), currency="E"
        )
    },
    {"checked_out": CheckedOut(reservation_id="A", room_id="101")},
    {"reservation_made": _made("B", 1)},
    {"room_status_changed": RoomStatusChanged(room_id="101", dimension="housekeeping", value="clean")},
    {"checked_in": CheckedIn(reservation_id="B", room_id="101", guest_id="bob")},
]
FACTS = [RoomsFact(fact_id=str(at), occurred_at=at, **body) for at, body in enumerate(BODIES, start=1)]


def _house(facts: list[RoomsFact]) -> dict[str, Any]:
    """The house after these facts as an intake batch brings them: what is no news is dropped."""
    house, heard = House(), set()
    for fact in facts:
        found = said(fact)
        if found is None or fact.fact_id in heard or not rooms_fold.news(house, fact):
            continue
        heard.add(fact.fact_id)
        rooms_fold.apply(house, found[1], fact.occurred_at)
    reservations = {
        key: msgspec.structs.replace(one, charge_ids=sorted(one.charge_ids))
        for key, one in house.reservations.items()
    }
    return {"rooms": house.rooms, "reservations": reservations, "house": house.house}


@given(st.permutations(FACTS), st.lists(st.sampled_from(FACTS), max_size=4), st.randoms())
def test_any_order_with_repetitions_makes_the_same_house(
    shuffled: list[RoomsFact], again: list[RoomsFact], random: Any
) -> None:
    said_twice = [*shuffled, *again]
    random.shuffle(said_twice)
    assert _house(said_twice) == _house(FACTS)


def test_the_house_after_them() -> None:
    house = _house(FACTS)
    assert house["reservations"]["A"].status == "checked_out"
    assert house["reservations"]["A"].departure == DAY + datetime.timedelta(days=3)
    assert house["rooms"]["101"].reservation_id == "B"
    assert house["rooms"]["101"].guest_id == "bob"
    assert house["rooms"]["101"].housekeeping == "clean"
