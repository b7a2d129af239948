"""Words about a room or a reservation come to the same in any order. All of a day: `test_rooms_fold.py`."""

from __future__ import annotations

import datetime
import itertools
from decimal import Decimal

from schemas import house
from schemas.records.rooms import (
    CheckedIn,
    CheckedOut,
    HouseState,
    NightAuditDone,
    ReservationMade,
    ReservationState,
    RoomState,
    RoomStatusChanged,
)

DAY = datetime.date(2026, 3, 1)


def _made(rate: str, nights: int = 1) -> ReservationMade:
    return ReservationMade(
        reservation_id="A",
        arrival=DAY,
        departure=DAY + datetime.timedelta(days=nights),
        booked_on=DAY,
        rate=Decimal(rate),
        currency="EUR",
    )


def test_at_the_same_millisecond_the_order_of_arrival_has_no_part() -> None:
    ends = set()
    for order in itertools.permutations(["clean", "dirty", "pickup"]):
        room = RoomState(room_id="101")
        for value in order:
            body = RoomStatusChanged(room_id="101", dimension="housekeeping", value=value)
            room = house.status_changed(room, body, 5)
        ends.add((room.housekeeping, room.words["housekeeping"].value))
    assert ends == {("pickup", "pickup")}


def test_of_several_check_ins_the_first_and_of_check_outs_the_last() -> None:
    one = ReservationState(reservation_id="A")
    for at in (5, 3):
        one = house.reserved(one, CheckedIn(reservation_id="A", room_id=str(at)), at)
        one = house.reserved(one, CheckedOut(reservation_id="A"), at + 10)
    assert (one.checked_in_at, one.checked_out_at, one.room_id) == (3, 15, "5")


def test_amendments_of_one_second_are_told_apart_and_equal_ones_are_not() -> None:
    assert house.fingerprint(_made("99")) == house.fingerprint(_made("99.0000"))
    assert house.fingerprint(_made("99")) != house.fingerprint(_made("99.01"))
    ends = {
        house.reserved(house.reserved(ReservationState(reservation_id="A"), one, 5), two, 5).departure
        for one, two in itertools.permutations([_made("1", 1), _made("2", 3)])
    }
    assert ends == {DAY + datetime.timedelta(days=3)}


def test_a_late_night_audit_takes_no_date_back() -> None:
    now = house.audited(HouseState(), NightAuditDone(closed=DAY, opened=DAY + datetime.timedelta(days=1)), 9)
    before = NightAuditDone(closed=DAY - datetime.timedelta(days=1), opened=DAY)
    assert house.audited(now, before, 10) == now
