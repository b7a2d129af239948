"""Guarantee 5: the same intake makes the same house, in any order and however often it is said."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.facts import said
from schemas.records.base import AnswerHeader
from schemas.records.rooms import (
    DIMENSION_VALUES,
    ChargePosted,
    ChargeVoided,
    CheckedIn,
    CheckedOut,
    CheckInReversed,
    CheckOutReversed,
    NightAuditDone,
    ReservationCancelled,
    ReservationMade,
    ReservationNoShow,
    RoomAssigned,
    RoomsFact,
    RoomsIntake,
    RoomState,
    RoomStatusChanged,
)
from schemas.records.settings import RoomSettings, SettingsRecord
from streams.agents import rooms
from streams.rules import occupancy, revenue
from streams.rules.answering import Input, Partition
from streams.rules.rooms import House

DAY = datetime.date(2026, 3, 1)
NIGHT = datetime.timedelta(days=1)
OWN, ROOM, GUEST = st.sampled_from("AB"), st.sampled_from(["101", "102"]), st.sampled_from(["ann", "bob"])
SOME_ROOM, SOME_GUEST = st.none() | ROOM, st.none() | GUEST
CENTS = st.integers(-900, 900).map(lambda cents: Decimal(cents) / 100)


def _status(dimension: Any) -> st.SearchStrategy[RoomStatusChanged]:
    return st.builds(
        RoomStatusChanged,
        room_id=ROOM,
        dimension=st.just(dimension),
        value=st.sampled_from(DIMENSION_VALUES[dimension]),
        reason=st.sampled_from(["", "leak"]) if dimension == "block" else st.just(""),
    )


BODIES: dict[str, st.SearchStrategy[Any]] = {
    "reservation_made": st.builds(
        ReservationMade,
        reservation_id=OWN, arrival=st.sampled_from([DAY, DAY + NIGHT]), departure=st.just(DAY + 2 * NIGHT),
        booked_on=st.just(DAY), room_id=SOME_ROOM, guest_id=SOME_GUEST, rate=CENTS, currency=st.just("EUR"),
        adults=st.integers(0, 2), complimentary=st.booleans(),
    ),
    "reservation_cancelled": st.builds(ReservationCancelled, reservation_id=OWN),
    "reservation_no_show": st.builds(ReservationNoShow, reservation_id=OWN),
    "room_assigned": st.builds(RoomAssigned, reservation_id=OWN, room_id=ROOM),
    "checked_in": st.builds(CheckedIn, reservation_id=OWN, room_id=SOME_ROOM, guest_id=SOME_GUEST),
    "checked_out": st.builds(CheckedOut, reservation_id=OWN, room_id=SOME_ROOM),
    "check_in_reversed": st.builds(CheckInReversed, reservation_id=OWN),
    "check_out_reversed": st.builds(CheckOutReversed, reservation_id=OWN),
    "charge_voided": st.builds(
        ChargeVoided, reservation_id=OWN, charge_id=st.sampled_from([f"c{n}" for n in range(6)])
    ),
    "room_status_changed": st.sampled_from(sorted(DIMENSION_VALUES)).flatmap(_status),
    "night_audit_done": st.integers(0, 2).map(
        lambda n: NightAuditDone(closed=DAY + n * NIGHT, opened=DAY + (n + 1) * NIGHT)
    ),
}  # fmt: skip
CHARGE = st.tuples(OWN, CENTS, st.integers(0, 1), st.sampled_from(["room", "food"]))


@st.composite
def days(draw: st.DrawFn) -> list[RoomsFact]:
    """A day of what a property system says; moments collide, because its clock has few of them."""
    named = draw(st.lists(st.sampled_from(sorted([*BODIES, "charge_posted"])), min_size=1, max_size=14))
    facts = []
    for number, name in enumerate(named):
        if name == "charge_posted":
            own, amount, day, kind = draw(CHARGE)
            body: Any = ChargePosted(
                charge_id=f"c{number}", reservation_id=own, business_date=DAY + day * NIGHT,
                kind=kind, amount=amount, currency="EUR",  # type: ignore[arg-type]  # drawn from the literals
            )  # fmt: skip
        else:
            body = draw(BODIES[name])
        own_id = str(number)
        facts.append(
            RoomsFact(
                fact_id=own_id,
                source_system="pms",
                source_event_id=own_id,
                occurred_at=draw(st.integers(1, 8)),
                **{name: body},
            )
        )
    return facts


def _heard(batches: list[list[RoomsFact]]) -> tuple[Partition, list[RoomsFact]]:
    """The agent after these batches, and everything it recorded."""
    part, recorded = Partition(rooms.AGENT), []
    for number, facts in enumerate(batches):
        batch = RoomsIntake(
            batch_id=f"b{number}", property_id="h", actor_id="pms", source_system="pms", facts=facts
        )
        answer: AnswerHeader | None = part.intake(batch, Input("rooms.intake", 0, number, 10, {}))
        assert answer is not None
        recorded += answer.facts  # type: ignore[attr-defined]  # every answer has its list
    return part, recorded


def _shown(room: RoomState) -> tuple[Any, ...]:
    """A room as everybody sees it; when a value that follows from stays was set right may differ."""
    return (
        room.front_office, room.housekeeping, room.block, room.block_reason, room.guest_service, room.seen,
        room.discrepancy, room.discrepancy_reason, room.reservation_id, room.guest_id, room.words,
    )  # fmt: skip


def _folds(recorded: list[RoomsFact]) -> list[Any]:
    """Occupancy and revenue over what was recorded."""
    live = occupancy.Fold("h")
    for own in ("101", "102"):
        room = RoomSettings(room_id=own, room_type="double", floor=1, zone_id="floor-1")
        live.settings(SettingsRecord(property_id="h", kind="room", id=own, at=1, actor_id="a", room=room))
    folds: list[Any] = [live, revenue.Fold("h")]
    for fact in recorded:
        if found := said(fact):
            for fold in folds:
                fold.apply("rooms", fact, found[1])
    return [fold.snapshot({}, 1) for fold in folds]


def _end(batches: list[list[RoomsFact]]) -> dict[str, Any]:
    part, recorded = _heard(batches)
    house = part.hotel("h")
    assert isinstance(house, House)
    return {
        "rooms": {own: _shown(house.room(own)) for own in ("101", "102")},
        "reservations": house.reservations,
        "house": house.house,
        "folds": _folds(recorded),
        "heard": {(said(fact), fact.occurred_at) for fact in recorded if fact.source_system == "pms"},
    }


ODD: list[tuple[int, dict[str, Any]]] = [
    (5, {"checked_out": CheckedOut(reservation_id="A")}),
    (2, {"room_assigned": RoomAssigned(reservation_id="A", room_id="102")}),
    (3, {"checked_in": CheckedIn(reservation_id="A", guest_id="ann")}),
    (6, {"checked_in": CheckedIn(reservation_id="A", room_id="101")}),
    (2, {"night_audit_done": NightAuditDone(closed=DAY + NIGHT, opened=DAY + 2 * NIGHT)}),
    (1, {"night_audit_done": NightAuditDone(closed=DAY, opened=DAY + NIGHT)}),
    *(
        (4, {"room_status_changed": RoomStatusChanged(room_id="101", dimension="housekeeping", value=value)})
        for value in ("clean", "dirty")
    ),
]
AWKWARD = [
    RoomsFact(fact_id=str(number), source_system="pms", source_event_id=str(number), occurred_at=at, **body)
    for number, (at, body) in enumerate(ODD)
]


@settings(max_examples=200, deadline=None)
@given(days(), st.randoms(use_true_random=False), st.integers(1, 5))
@example(AWKWARD, None, 1)
def test_a_day_in_any_order_with_repetitions_comes_to_the_same(
    day: list[RoomsFact], random: Any, size: int
) -> None:
    shuffled = list(reversed(day))
    if random is not None:
        shuffled = [*day, *random.choices(day, k=1 + len(day) // 10)]
        random.shuffle(shuffled)
    batches = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    assert _end(batches) == _end([day])


@settings(deadline=None)
@given(days())
def test_what_is_shown_is_what_stands_and_another_process_folds_the_same(day: list[RoomsFact]) -> None:
    part, recorded = _heard([[fact] for fact in day])
    house, again = part.hotel("h"), House()
    assert isinstance(house, House)
    told = {(said(fact), fact.occurred_at) for fact in recorded}
    assert {(said(fact), fact.occurred_at) for fact in day} <= told, "nothing disappears"
    for fact in recorded:
        if found := said(fact):
            again.apply(*found, fact.occurred_at, "pms")
    assert again.entities() == house.entities()
    restored = House()
    restored.restore({kind: dict(found) for kind, found in house.entities().items()})
    for fact in day:
        assert restored.follow(fact) == (), "everything that follows was said"
