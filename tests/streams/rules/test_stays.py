"""Who stays here now: by the same fold as the house's own, in any order of arrival."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import said
from schemas.house import reserved
from schemas.records import rooms
from schemas.records.rooms import ReservationState, RoomsFact
from streams.rules.stays import Stays


def fact(at: int, **body: Any) -> RoomsFact:
    """One fact of the house."""
    return RoomsFact(fact_id=f"f{at}", occurred_at=at, **body)


def came(reservation_id: str, guest_id: str | None, at: int = 1) -> RoomsFact:
    """A check-in."""
    body = rooms.CheckedIn(reservation_id=reservation_id, room_id="101", guest_id=guest_id)
    return fact(at, checked_in=body)


def left(reservation_id: str, at: int = 2) -> RoomsFact:
    """A check-out."""
    return fact(at, checked_out=rooms.CheckedOut(reservation_id=reservation_id))


def cancelled(reservation_id: str, at: int = 2) -> RoomsFact:
    """A cancellation."""
    return fact(at, reservation_cancelled=rooms.ReservationCancelled(reservation_id=reservation_id))


def no_show(reservation_id: str, at: int = 2) -> RoomsFact:
    """Nobody came."""
    return fact(at, reservation_no_show=rooms.ReservationNoShow(reservation_id=reservation_id))


def booked(reservation_id: str, guest_id: str | None, at: int = 0) -> RoomsFact:
    """A reservation."""
    day = datetime.date(2026, 5, 1)
    made = rooms.ReservationMade(
        reservation_id=reservation_id,
        arrival=day,
        departure=day,
        booked_on=day,
        guest_id=guest_id,
        rate=Decimal(1),
        currency="EUR",
    )
    return fact(at, reservation_made=made)


def after(*facts: RoomsFact) -> Stays:
    """The stays that these facts make."""
    found = Stays()
    for one in facts:
        found.take(one)
    return found


def test_a_guest_is_here_from_check_in_to_check_out() -> None:
    stays = after(booked("r", "ann"))
    assert (stays.away("ann"), stays.left("ann")) == (True, False)
    stays.take(came("r", None))
    assert (stays.away("ann"), stays.left("ann")) == (False, False)
    stays.take(left("r"))
    assert (stays.away("ann"), stays.left("ann")) == (True, True)


def test_nobody_knows_where_a_guest_without_a_reservation_is() -> None:
    stays = after(came("r", None), booked("s", "ann"), booked("s", "bob", at=1))
    assert (stays.away("ann"), stays.left("ann")) == (False, False)


def test_a_late_check_in_brings_nobody_back_and_a_new_stay_does() -> None:
    stays = after(left("r"), came("r", "ann"))
    assert (stays.away("ann"), stays.left("ann")) == (True, True)
    stays.take(came("s", "ann", at=9))
    assert (stays.away("ann"), stays.left("ann")) == (False, False)


def test_what_is_said_of_a_room_or_of_money_is_no_stay() -> None:
    word = rooms.RoomStatusChanged(
        room_id="101",
        dimension="front_office",
        value="occupied",
        derived=True,
        reservation_id="r",
        guest_id="ann",
    )
    assert not after(left("r"), fact(5, room_status_changed=word)).away("ann")


_ids = st.sampled_from(["r", "s"])
_guests = st.sampled_from(["ann", "bob", None])
_at = st.integers(0, 3)
_facts = st.one_of(
    st.builds(came, _ids, _guests, _at),
    st.builds(left, _ids, _at),
    st.builds(booked, _ids, _guests, _at),
    st.builds(cancelled, _ids, _at),
    st.builds(no_show, _ids, _at),
)


@given(st.lists(_facts, max_size=8), st.randoms())
def test_it_says_what_the_house_itself_says_in_any_order(facts: list[RoomsFact], chance: Any) -> None:
    known: dict[str, ReservationState] = {}
    for one in facts:
        name_and_body = said(one)
        assert name_and_body is not None
        own = str(getattr(name_and_body[1], "reservation_id"))  # noqa: B009
        old = known.get(own) or ReservationState(reservation_id=own)
        known[own] = reserved(old, name_and_body[1], one.occurred_at)
    chance.shuffle(facts)
    stays = after(*facts, *facts)
    for guest in ("ann", "bob"):
        statuses = {one.status for one in known.values() if one.guest_id == guest}
        assert stays.away(guest) == (bool(statuses) and "in_house" not in statuses)
        assert stays.left(guest) == ("checked_out" in statuses and "in_house" not in statuses)
