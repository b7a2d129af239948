"""What was said by mistake is taken back by a fact of its own, and everything comes to what it would be."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import Role
from schemas.records.settings import PropertySettings, RoomSettings
from streams.rules.deciding import Ask, Context, Decision
from streams.rules.rooms import House

DAY = datetime.date(2026, 3, 1)
NIGHT = datetime.timedelta(days=1)
CONTEXT = Context(
    property=PropertySettings(name="H", time_zone="UTC", currency="EUR", departments=[]),
    rooms={
        number: RoomSettings(room_id=number, room_type="double", floor=1, zone_id="floor-1")
        for number in ("101", "102", "103")
    },
)


class Desk:
    """Somebody who asks, each time a second later."""

    def __init__(self) -> None:
        self.house = House()
        self._now = 0

    def ask(self, name: str, body: Record, role: Role = "manager") -> Decision:
        self._now += 1_000
        decision = self.house.decide(Ask(f"c{self._now}", self._now, "ann", role, name, body), CONTEXT)
        for fact in decision.facts:
            self.house.apply(fact.name, fact.body, fact.at, "ann")
        return decision

    def book(self, own: str) -> None:
        made = said.ReservationMade(
            reservation_id=own, arrival=DAY, departure=DAY + NIGHT, booked_on=DAY, rate=Decimal(100),
            currency="EUR", guest_id=f"guest-{own}",
        )  # fmt: skip
        assert self.ask("make_reservation", made).code == ""

    def check_in(self, own: str = "R", room: str = "101") -> str:
        return self.ask("check_in", said.CheckIn(reservation_id=own, room_id=room)).code

    def check_out(self, own: str = "R") -> str:
        return self.ask("check_out", said.CheckOut(reservation_id=own)).code

    def reverse_in(self, own: str = "R") -> str:
        return self.ask("reverse_check_in", said.ReverseCheckIn(reservation_id=own, reason="wrong")).code

    def reverse_out(self, own: str = "R") -> str:
        return self.ask("reverse_check_out", said.ReverseCheckOut(reservation_id=own)).code

    def move(self, room: str, own: str = "R") -> str:
        return self.ask("assign_room", said.RoomAssigned(reservation_id=own, room_id=room)).code

    def audit(self) -> None:
        assert self.ask("run_night_audit", said.RunNightAudit(close=DAY)).code == ""

    def room(self, number: str) -> tuple[str, str, str | None]:
        """Who says what of it: the front office, housekeeping, the reservation in it."""
        room = self.house.room(number)
        return room.front_office, room.housekeeping, room.reservation_id

    def status(self, own: str = "R") -> str:
        return self.house.reservations[own].status


@pytest.fixture
def desk() -> Desk:
    found = Desk()
    found.book("R")
    found.book("S")
    return found


def test_a_check_in_by_mistake_leaves_the_room_as_it_was(desk: Desk) -> None:
    assert desk.reverse_in() == "wrong_state", "nobody has come"
    desk.check_in()
    assert desk.reverse_in() == ""
    assert desk.room("101") == ("vacant", "clean", None)
    assert (desk.status(), desk.house.reservations["R"].checked_in_at) == ("made", None)
    assert desk.check_in("S") == "", "another one may have the room"
    assert desk.check_in("R", "102") == "", "and the guest another"
    assert (desk.status(), desk.room("102")) == ("in_house", ("occupied", "clean", "R"))
    assert desk.reverse_in("T") == "not_found"


def test_a_check_out_by_mistake_brings_the_guest_back_into_the_room(desk: Desk) -> None:
    desk.check_in()
    assert desk.reverse_out() == "wrong_state", "the guest is here"
    came = desk.house.reservations["R"].checked_in_at
    desk.check_out()
    assert desk.room("101") == ("vacant", "dirty", None)
    assert desk.reverse_out() == ""
    assert desk.room("101") == ("occupied", "clean", "R")
    assert (desk.status(), desk.house.reservations["R"].checked_in_at) == ("in_house", came)
    assert desk.check_out() == ""
    assert desk.room("101") == ("vacant", "dirty", None)
    assert desk.reverse_out("T") == "not_found"


def test_nobody_comes_back_into_a_room_that_somebody_else_has(desk: Desk) -> None:
    desk.check_in()
    desk.check_out()
    clean = said.RoomStatusChanged(room_id="101", dimension="housekeeping", value="clean")
    desk.ask("set_room_status", clean)
    desk.check_in("S")
    assert desk.reverse_out("R") == "contradiction"


def test_after_the_night_audit_who_stayed_has_stayed(desk: Desk) -> None:
    desk.check_in("R", "101")
    desk.check_in("S", "102")
    desk.check_out("S")
    desk.audit()
    assert (desk.reverse_in("R"), desk.reverse_out("S")) == ("wrong_state", "wrong_state")


def test_who_stays_moves_and_leaves_a_dirty_room(desk: Desk) -> None:
    desk.check_in("R", "101")
    desk.check_in("S", "102")
    assert desk.move("102") == "contradiction"
    assert desk.move("999") == "unknown_room"
    assert desk.move("103") == ""
    assert desk.room("101") == ("vacant", "dirty", None)
    assert desk.room("103") == ("occupied", "clean", "R")
    told = desk.ask("assign_room", said.RoomAssigned(reservation_id="R", room_id="103"))
    assert (told.code, told.facts) == ("", ()), "and is there already"
    desk.check_out()
    assert desk.room("103") == ("vacant", "dirty", None)


def test_a_charge_is_voided_once_by_a_manager_also_after_the_audit(desk: Desk) -> None:
    post = said.PostCharge(reservation_id="R", kind="spa", amount=Decimal("80.00"))
    charge = desk.ask("post_charge", post).facts[0].body
    assert isinstance(charge, said.ChargePosted)
    desk.audit()
    void = said.VoidCharge(reservation_id="R", charge_id=charge.charge_id, reason="never taken")
    assert desk.ask("void_charge", void, "staff").code == "forbidden"
    other = said.VoidCharge(reservation_id="S", charge_id=charge.charge_id)
    assert desk.ask("void_charge", other).code == "not_found", "the charge is another one's"
    assert desk.ask("void_charge", said.VoidCharge(reservation_id="T", charge_id="c")).code == "not_found"
    done = desk.ask("void_charge", void)
    assert [fact.name for fact in done.facts] == ["charge_voided"]
    again = desk.ask("void_charge", void)
    assert (again.verdict, again.facts) == ("accepted", ())
