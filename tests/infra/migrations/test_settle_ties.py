"""The same intake makes the same tables: a shuffled day in the views, and what is no night sold."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.facts import said
from schemas.ids import new_id
from schemas.records.base import IntakeHeader
from schemas.records.folds import RevenueState
from schemas.records.rooms import (
    ChargePosted,
    CheckedIn,
    ReservationMade,
    ReservationNoShow,
    RoomsFact,
    RoomsIntake,
    RoomStatusChanged,
)
from schemas.records.services import ServicesFact, ServicesIntake
from streams.agents import rooms, services
from streams.rules import revenue
from streams.rules.answering import Agent, Input, Partition, facts_of
from streams.rules.rooms import House
from streams.sinks.place import Place
from streams.sinks.rows import COLUMNS, rows_of
from tests.streams.rules.test_rooms_fold import days
from tests.streams.rules.test_services import STEPS_ELSEWHERE

DAY = datetime.date(2026, 3, 1)
ROOM = "front_office, housekeeping, block, guest_service, seen, discrepancy, discrepancy_reason"
BOOKING = (
    "status, arrival, departure, booked_on, room_id, guest_id, rate, adults, complimentary, cancelled_at,"
    " no_show_at, checked_in_at, checked_out_at"
)
SOLD = "rooms_occupied, rooms_complimentary, guests_in_house, room_revenue, other_revenue, no_shows"
MONEY = "room_revenue, other_revenue, charges"
RECORDED: defaultdict[str, list[Any]] = defaultdict(list)
"""By hotel, what its agent said."""


def put(views: Any, agent: Agent, make: Any, facts: list[Any]) -> tuple[str, Any]:
    """A new hotel's intake through its agent into the tables: its id, and the agent's rules."""
    hotel, part = new_id(), Partition(agent)
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    for number, fact in enumerate(facts):
        batch: IntakeHeader = make(
            batch_id=f"b{number}", property_id=hotel, actor_id="pms", source_system="pms", facts=[fact]
        )
        answer = part.intake(batch, Input(f"{agent.name}.intake", 0, number, 10, {}))
        assert answer is not None
        RECORDED[hotel] += facts_of(answer)
        for table, row in rows_of(Place(agent.name, 0, answer.expected, 10), encode(answer)):
            rows[table].append(row)
    for table, found in rows.items():
        views.insert(table, found, column_names=COLUMNS[table])
    return hotel, part.hotel(hotel)


def earned(hotel: str) -> dict[datetime.date, RevenueState]:
    """What the revenue fold says of each business date after everything this hotel's agent said."""
    fold = revenue.Fold(hotel)
    for fact in RECORDED[hotel]:
        if found := said(fact):
            fold.apply("rooms", fact, found[1])
    return {state.business_date: state for state in fold.snapshot({}, 1)}


def shown(views: Any, view: str, columns: str, by: str, *hotels: str) -> dict[str, list[Any]]:
    """The rows of each; asked together, as a query costs 0.1 CPU seconds whatever it finds."""
    asked = "WHERE property_id IN {p:Array(String)}"
    query = f"SELECT property_id, {by}, {columns} FROM {view} {asked} ORDER BY {by}"
    found: dict[str, list[Any]] = {hotel: [] for hotel in hotels}
    for hotel, *row in views.query(query, parameters={"p": list(hotels)}).result_rows:
        found[hotel].append(tuple(row))
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(days(), st.randoms(use_true_random=False))
def test_a_shuffled_day_makes_the_same_views_and_they_say_what_the_agent_says(
    views: Any, day: list[RoomsFact], random: Any
) -> None:
    shuffled = list(day)
    random.shuffle(shuffled)
    one, house = put(views, rooms.AGENT, RoomsIntake, day)
    two, _ = put(views, rooms.AGENT, RoomsIntake, shuffled)
    booked = shown(views, "v_reservations", BOOKING, "reservation_id", one, two)
    assert booked[one] == booked[two]
    sold = shown(views, "v_occupancy_daily", SOLD, "business_date", one, two)
    assert sold[one] == sold[two]
    money = shown(views, "v_revenue_daily", MONEY, "business_date", one, two)
    nights = {row[0]: row[1] for row in sold[one]}
    for hotel in (one, two):
        folded = earned(hotel)
        assert {row[0]: tuple(row[1:]) for row in money[hotel]} == {
            date: (state.room_revenue, state.other_revenue, state.charges) for date, state in folded.items()
        }
        assert all(nights[date] == state.room_nights for date, state in folded.items())
    rows = shown(views, "v_rooms_now", ROOM, "room_id", one, two)
    seen = {hotel: dict.fromkeys(("101", "102"), ()) for hotel in (one, two)}
    assert isinstance(house, House)
    for hotel, found in seen.items():
        for room_id, *values in rows[hotel]:
            now = house.room(room_id)
            assert values == [getattr(now, name) for name in ROOM.split(", ")], hotel
            found.pop(room_id)
    told = {row[0]: row for row in booked[two]}
    for own, reservation in house.reservations.items():
        # Of what only charges name, the view has no row.
        if reservation.made_as or any("Charge" not in mark for mark in reservation.marks):
            assert (told[own][1], told[own][5], told[own][6]) == (
                reservation.status,
                reservation.room_id or "",
                reservation.guest_id or "",
            )


def _fact(at: int, **body: Any) -> RoomsFact:
    return RoomsFact(fact_id=f"f{at}", source_system="pms", source_event_id=f"f{at}", occurred_at=at, **body)


def _stay(own: str, at: int, nights: int, came: bool) -> list[RoomsFact]:
    made = ReservationMade(
        reservation_id=own, arrival=DAY, departure=DAY + datetime.timedelta(nights), booked_on=DAY,
        rate=Decimal(50), currency="EUR", adults=2,
    )  # fmt: skip
    charge = ChargePosted(
        charge_id=own, reservation_id=own, business_date=DAY, kind="room", amount=Decimal(50), currency="EUR"
    )
    end: dict[str, Any] = {"checked_in": CheckedIn(reservation_id=own)}
    if not came:
        end = {"reservation_no_show": ReservationNoShow(reservation_id=own)}
    return [_fact(at, reservation_made=made), _fact(at + 1, charge_posted=charge), _fact(at + 2, **end)]


def test_day_use_and_no_shows_pay_but_fill_no_room(views: Any) -> None:
    facts = [*_stay("night", 1, 1, True), *_stay("day", 11, 0, True), *_stay("missed", 21, 1, False)]
    hotel, _ = put(views, rooms.AGENT, RoomsIntake, facts)
    assert shown(views, "v_occupancy_daily", SOLD, "business_date", hotel)[hotel][0] == (
        DAY, 1, 0, 2, Decimal(150), Decimal(0), 1,
    )  # fmt: skip


def test_discrepancies_are_listed_with_their_end(views: Any) -> None:
    def seen(value: str) -> dict[str, Any]:
        return {"room_status_changed": RoomStatusChanged(room_id="101", dimension="seen", value=value)}

    facts = [_fact(1, **seen("occupied")), _fact(2, **seen("vacant")), _fact(3, **seen("occupied"))]
    hotel, _ = put(views, rooms.AGENT, RoomsIntake, facts)
    found = shown(
        views,
        "v_discrepancies",
        "room_id, kind, reason != '', toUnixTimestamp64Milli(gone_at)",
        "found_at",
        hotel,
    )[hotel]
    assert [row[1:] for row in found] == [("101", "sleep", True, 2), ("101", "sleep", True, None)]


@settings(max_examples=5, deadline=None)
@given(st.permutations(STEPS_ELSEWHERE))
def test_a_request_done_elsewhere_is_the_same_however_it_was_heard(
    views: Any, steps: list[ServicesFact]
) -> None:
    hotel, _ = put(views, services.AGENT, ServicesIntake, steps)
    columns = "status, staff_id, priority, " + ", ".join(
        f"toUnixTimestamp64Milli({name}_at)" for name in ("created", "accepted", "completed")
    )
    found = shown(views, "v_service_requests", columns, "request_id", hotel)
    assert found[hotel] == [("x", "completed", "bob", 1, 1, 4, 5)]
