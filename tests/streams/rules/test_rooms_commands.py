"""Commands to the house: what is allowed, and the code of what is not."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import Role
from schemas.records.settings import PropertySettings, RoomSettings
from streams.rules.deciding import Ask, Context, Decision
from streams.rules.rooms import House

DAY = datetime.date(2026, 3, 1)
CONTEXT = Context(
    property=PropertySettings(name="H", time_zone="Europe/Lisbon", currency="EUR", departments=[]),
    rooms={
        number: RoomSettings(room_id=number, room_type="double", floor=1, zone_id="floor-1")
        for number in ("101", "102")
    },
)


def _ask(house: House, name: str, body: Record, actor: str = "ann", role: Role = "staff") -> Decision:
    decision = house.decide(Ask("c1", 1_000, actor, role, name, body), CONTEXT)
    for fact in decision.facts:
        house.apply(fact.name, fact.body, fact.at, actor)
    return decision


def _status(house: House, dimension: said.Dimension, value: str, room: str = "101", **who: Any) -> Decision:
    body = said.RoomStatusChanged(room_id=room, dimension=dimension, value=value)
    return _ask(house, "set_room_status", body, **who)


def _reservation(name: str = "R", nights: int = 2, **values: Any) -> said.ReservationMade:
    return said.ReservationMade(
        reservation_id=name,
        arrival=DAY,
        departure=DAY + datetime.timedelta(days=nights),
        booked_on=DAY,
        rate=Decimal(100),
        currency="USD",
        guest_id="gus",
        **values,
    )


def _stayed() -> House:
    house = House()
    assert _ask(house, "make_reservation", _reservation()).verdict == "accepted"
    assert _ask(house, "check_in", said.CheckIn(reservation_id="R", room_id="101")).verdict == "accepted"
    return house


@pytest.mark.parametrize(
    ("dimension", "value", "code"),
    [
        ("housekeeping", "dirty", ""),
        ("housekeeping", "inspected", ""),
        ("housekeeping", "shiny", "invalid_value"),
        ("block", "out_of_order", ""),
        ("guest_service", "do_not_disturb", ""),
        ("front_office", "occupied", "contradiction"),
    ],
)
def test_a_vacant_clean_room(dimension: said.Dimension, value: str, code: str) -> None:
    assert _status(House(), dimension, value).code == code


def test_only_a_clean_room_can_be_inspected() -> None:
    house = House()
    _status(house, "housekeeping", "dirty")
    assert _status(house, "housekeeping", "inspected").code == "contradiction"
    assert _status(house, "housekeeping", "clean").code == ""
    assert _status(house, "housekeeping", "inspected").code == ""
    assert house.room("101").housekeeping == "inspected"


def test_the_same_value_again_is_accepted_and_says_nothing() -> None:
    house = House()
    again = _status(house, "housekeeping", "clean")
    assert (again.verdict, again.facts) == ("accepted", ())
    _status(house, "block", "out_of_order")
    assert _status(house, "block", "out_of_order").facts, "the reason or end of a block may have changed"


def test_an_unknown_room_is_said() -> None:
    assert _status(House(), "housekeeping", "dirty", "999").code == "unknown_room"


def test_an_occupied_room_is_not_blocked_and_check_out_makes_it_dirty() -> None:
    house = _stayed()
    room = house.room("101")
    assert (room.front_office, room.guest_id, room.reservation_id) == ("occupied", "gus", "R")
    assert _status(house, "block", "out_of_service").code == "contradiction"
    assert _ask(house, "check_out", said.CheckOut(reservation_id="R")).verdict == "accepted"
    room = house.room("101")
    assert (room.front_office, room.housekeeping, room.guest_id) == ("vacant", "dirty", None)
    assert _ask(house, "check_out", said.CheckOut(reservation_id="R")).code == "wrong_state"


def test_a_guest_speaks_only_of_service_in_the_own_room() -> None:
    house = _stayed()
    assert _status(house, "guest_service", "do_not_disturb", actor="gus", role="guest").code == ""
    assert _status(house, "guest_service", "none", actor="eve", role="guest").code == "forbidden"
    assert _status(house, "guest_service", "none", "102", actor="gus", role="guest").code == "forbidden"
    assert _status(house, "housekeeping", "dirty", actor="gus", role="guest").code == "forbidden"
    mine = said.CheckOut(reservation_id="R")
    assert _ask(house, "check_out", mine, "gus", "guest").code == "forbidden"


def test_check_in_needs_a_reservation_and_a_room_that_is_vacant_ready_and_not_blocked() -> None:
    house = _stayed()
    _ask(house, "make_reservation", _reservation("S"))

    def check_in(name: str, room: str) -> str:
        return _ask(house, "check_in", said.CheckIn(reservation_id=name, room_id=room)).code

    assert check_in("nobody", "102") == "not_found"
    assert check_in("R", "102") == "wrong_state"
    assert check_in("S", "999") == "unknown_room"
    assert check_in("S", "101") == "contradiction"
    _status(house, "housekeeping", "dirty", "102")
    assert check_in("S", "102") == "contradiction"
    _status(house, "housekeeping", "clean", "102")
    _status(house, "block", "out_of_order", "102")
    assert check_in("S", "102") == "contradiction"
    _status(house, "block", "none", "102")
    assert check_in("S", "102") == ""


def test_reservations_are_made_once_and_cancelled_before_they_begin() -> None:
    house = House()
    assert _ask(house, "make_reservation", _reservation(nights=-1)).code == "invalid_dates"
    assert _ask(house, "make_reservation", _reservation(nights=0)).code == ""
    assert _ask(house, "make_reservation", _reservation()).code == "exists"
    cancel = said.CancelReservation(reservation_id="R")
    assert _ask(house, "cancel_reservation", cancel).code == ""
    assert _ask(house, "cancel_reservation", cancel).code == "wrong_state"
    assert _ask(_stayed(), "cancel_reservation", cancel).code == "wrong_state"


def test_a_room_is_assigned_to_who_has_not_come_yet() -> None:
    house = _stayed()
    _ask(house, "make_reservation", _reservation("S"))

    def assign(name: str, room: str) -> str:
        return _ask(house, "assign_room", said.RoomAssigned(reservation_id=name, room_id=room)).code

    assert assign("S", "999") == "unknown_room"
    assert assign("S", "102") == ""
    assert house.reservations["S"].room_id == "102"
    _status(house, "block", "out_of_order", "102")
    assert assign("S", "102") == "contradiction"
    _ask(house, "cancel_reservation", said.CancelReservation(reservation_id="S"))
    assert assign("S", "101") == "wrong_state"


def test_a_charge_is_of_the_business_date_in_the_reservations_currency() -> None:
    house = _stayed()
    post = said.PostCharge(reservation_id="R", kind="minibar", amount=Decimal("4.50"))
    charge = _ask(house, "post_charge", post).facts[0].body
    assert isinstance(charge, said.ChargePosted)
    assert (charge.charge_id, charge.currency) == ("c1", "USD")
    assert charge.business_date == datetime.date(1970, 1, 1), "before the first audit: the calendar's"


def test_the_business_date_is_closed_once_by_a_manager() -> None:
    house = House()
    audit = said.RunNightAudit(close=DAY)
    assert _ask(house, "run_night_audit", audit).code == "forbidden"
    assert _ask(house, "run_night_audit", audit, role="manager").code == ""
    assert house.house.business_date == DAY + datetime.timedelta(days=1)
    assert _ask(house, "run_night_audit", audit, role="manager").code == "wrong_state"


def _report(house: House, value: str, persons: int | None = None) -> Decision:
    body = said.RoomStatusChanged(room_id="101", dimension="seen", value=value, persons=persons)
    return _ask(house, "set_room_status", body)


def test_staff_say_what_housekeeping_saw_and_the_answer_says_what_contradicts() -> None:
    house = _stayed()
    skip = _report(house, "vacant")
    assert [fact.name for fact in skip.facts] == ["room_status_changed", "discrepancy_found"]
    assert house.room("101").discrepancy == "skip"
    assert _report(house, "occupied", 2).verdict == "accepted"
    assert (house.room("101").discrepancy, house.room("101").persons) == ("none", 2)
    assert _report(house, "vacant", 1).code == "contradiction"


def test_nobody_says_what_follows_from_a_stay() -> None:
    body = said.RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty", derived=True)
    assert _ask(House(), "set_room_status", body).code == "contradiction"


def test_a_decision_counts_also_where_a_property_systems_clock_is_ahead() -> None:
    house = House()
    ahead = said.RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty")
    house.apply("room_status_changed", ahead, 9_000, "pms")
    assert _status(house, "housekeeping", "clean").facts[0].at == 9_001
    assert house.room("101").housekeeping == "clean"
    vacant = said.RoomStatusChanged(room_id="101", dimension="front_office", value="vacant")
    house.apply("room_status_changed", vacant, 9_000, "pms")
    _ask(house, "make_reservation", _reservation())
    _ask(house, "check_in", said.CheckIn(reservation_id="R", room_id="101"))
    assert house.room("101").front_office == "occupied"


def test_a_room_out_of_service_is_still_sold_and_one_that_a_guest_arrives_in_is_not_blocked() -> None:
    house = House()
    _status(house, "block", "out_of_service")
    today = datetime.date(1970, 1, 1)
    arrives = said.ReservationMade(
        reservation_id="R", arrival=today, departure=today, booked_on=today, rate=Decimal(1), currency="EUR"
    )
    _ask(house, "make_reservation", arrives)
    assert _ask(house, "assign_room", said.RoomAssigned(reservation_id="R", room_id="101")).code == ""
    assert _status(house, "block", "out_of_order").code == "contradiction"
    assert _ask(house, "check_in", said.CheckIn(reservation_id="R", room_id="101")).code == ""


def test_deciding_changes_nothing() -> None:
    house = _stayed()
    before = {kind: dict(found) for kind, found in house.entities().items()}
    for name, body in (
        ("check_out", said.CheckOut(reservation_id="R")),
        ("make_reservation", _reservation("S", room_id="102")),
        ("set_room_status", said.RoomStatusChanged(room_id="101", dimension="seen", value="vacant")),
    ):
        assert house.decide(Ask("c1", 2_000, "ann", "staff", name, body), CONTEXT).facts
        assert house.entities() == before


def test_a_block_ends_by_itself() -> None:
    house = House()
    block = said.RoomStatusChanged(room_id="101", dimension="block", value="out_of_order", until=5_000)
    _ask(house, "set_room_status", block)
    assert (house.due(), house.fire(4_999, CONTEXT)) == (5_000, None)
    fired = house.fire(6_000, CONTEXT)
    assert fired is not None
    for fact in fired.facts:
        house.apply(fact.name, fact.body, fact.at, "timer")
    assert (house.room("101").block, house.due()) == ("none", None)


def test_an_unknown_time_zone_stops_nobody() -> None:
    hotel = PropertySettings(name="H", time_zone="../etc", currency="EUR", departments=[])
    assert House().business_date(1_000, Context(property=hotel)) == datetime.date(1970, 1, 1)
