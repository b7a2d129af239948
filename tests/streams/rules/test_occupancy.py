"""Live occupancy."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.record import Record
from schemas.records.folds import OccupancyState
from schemas.records.rooms import (
    CheckedIn,
    CheckedOut,
    NightAuditDone,
    ReservationCancelled,
    ReservationMade,
    RoomsFact,
    RoomStatusChanged,
)
from schemas.records.settings import PropertySettings, RoomSettings, SettingsRecord
from streams.rules import rooms_standing
from streams.rules.deciding import Said
from streams.rules.occupancy import Fold
from streams.rules.rooms import House

DAY = datetime.date(2026, 3, 1)
NIGHT = datetime.timedelta(days=1)


def made(reservation_id: str, arrival: datetime.date = DAY, nights: int = 1) -> ReservationMade:
    return ReservationMade(
        reservation_id=reservation_id,
        arrival=arrival,
        departure=arrival + nights * NIGHT,
        booked_on=DAY,
        rate=Decimal(0),
        currency="EUR",
        adults=2,
    )


def setting(**body: Any) -> SettingsRecord:
    return SettingsRecord(property_id="h", kind="k", id="i", at=1, actor_id="a", **body)


def folded(timed: list[tuple[int, Record]], *settings: SettingsRecord) -> OccupancyState:
    """What the room agent hears and what it makes of it, folded."""
    fold, house = Fold("h"), House()
    for one in settings:
        fold.settings(one)
    for n, (at, body) in enumerate(timed):
        house.apply("", body, at, "pms")
        followed = rooms_standing.consequences(house, house.touched(body), at)
        for said in (Said("", body, at), *followed):
            house.apply("", said.body, said.at, "pms")
            fold.apply("rooms", RoomsFact(fact_id=str(n), occurred_at=said.at), said.body)
    return fold.snapshot({"rooms": len(timed)}, 1_772_366_400_000)[0]


def test_a_day_in_a_small_house() -> None:
    rooms = [
        setting(room=RoomSettings(room_id=str(n), room_type="d", floor=1, zone_id="floor-1"))
        for n in range(101, 111)
    ]
    audit = NightAuditDone(closed=DAY - NIGHT, opened=DAY)
    found = folded(
        [
            (1, made("gone", DAY - NIGHT)),
            (2, CheckedIn(reservation_id="gone", room_id="101")),
            (3, audit),
            (4, made("here")),
            (4, made("late")),
            (4, made("never")),
            (5, CheckedIn(reservation_id="here", room_id="102")),
            (6, CheckedOut(reservation_id="gone")),
            (7, ReservationCancelled(reservation_id="never")),
            (8, RoomStatusChanged(room_id="103", dimension="block", value="out_of_order")),
        ],
        *rooms,
    )
    assert (found.business_date, found.rooms, found.occupied, found.guests) == (DAY, 10, 1, 2)
    assert (found.arrivals_expected, found.arrivals_done) == (2, 1)
    assert (found.departures_expected, found.departures_done) == (1, 1)
    assert (found.dirty, found.out_of_order, found.ready) == (1, 1, 7)


def test_before_the_first_audit_the_hotels_calendar_date_counts() -> None:
    hotel = PropertySettings(
        name="H", time_zone="Pacific/Auckland", currency="NZD", departments=[], capacity=5
    )
    found = folded([], setting(property=hotel))
    assert (found.business_date, found.rooms, found.ready) == (datetime.date(2026, 3, 2), 5, 5)


def test_an_unknown_time_zone_changes_nothing() -> None:
    hotel = PropertySettings(name="H", time_zone="../etc", currency="NZD", departments=[], capacity=5)
    assert folded([], setting(property=hotel)).business_date is None


STEPS = ("made", "cancelled", "in", "out")


@given(st.lists(st.sets(st.sampled_from(STEPS)), max_size=6), st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_the_end(drawn: list[set[str]], shuffler: random.Random) -> None:
    timed: list[tuple[int, Record]] = []
    for n, steps in enumerate(drawn):
        one, room = f"r{n}", str(101 + n)
        bodies: dict[str, tuple[int, Record]] = {
            "made": (1, made(one)),
            "cancelled": (2, ReservationCancelled(reservation_id=one)),
            "in": (3, CheckedIn(reservation_id=one, room_id=room)),
            "out": (4, CheckedOut(reservation_id=one, room_id=room)),
        }
        timed += [bodies[step] for step in sorted(steps)]
    audit: tuple[int, Record] = (0, NightAuditDone(closed=DAY - NIGHT, opened=DAY))
    shuffled = [*timed, *timed[::2], audit]
    shuffler.shuffle(shuffled)
    found = folded(shuffled)
    staying = [steps for steps in drawn if "in" in steps and "out" not in steps]
    assert found.occupied == len(staying)
    assert found.guests == 2 * sum("made" in steps for steps in staying)
    came = [steps for steps in drawn if "made" in steps and steps & {"in", "out"}]
    assert found.arrivals_done == len(came)
    awaited = [steps for steps in drawn if steps == {"made"}]
    assert found.arrivals_expected == len(came) + len(awaited)
    assert found.dirty == sum("out" in steps for steps in drawn)
