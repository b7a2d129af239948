"""What agents look at beside their own state: the latest word, and nothing of what was taken back."""

from __future__ import annotations

from typing import Any

from schemas.records.base import Cause, Why
from schemas.records.rooms import (
    CheckedIn,
    CheckedOut,
    RoomAssigned,
    RoomsAnswer,
    RoomsFact,
    RoomStatusChanged,
)
from schemas.records.settings import PropertySettings, RoomSettings, RoutingWeights, SettingsRecord
from schemas.records.staff import ShiftEnded, ShiftStarted, StaffAnswer, StaffFact
from streams.rules.context import HotelContext

HEAD: dict[str, Any] = {
    "event_id": "e",
    "property_id": "h",
    "recorded_at": 1,
    "actor_id": "a",
    "actor_role": "system",
    "causation_id": "c",
    "cause": Cause(topic="t", partition=0, offset=0),
    "expected": 0,
    "verdict": "accepted",
    "why": Why(rule="r", sentence="s"),
}


def _rooms(context: HotelContext, at: int = 1, **body: Any) -> None:
    context.take(RoomsAnswer(**HEAD, facts=[RoomsFact(fact_id="f", occurred_at=at, **body)]))


def _service(context: HotelContext, value: str, at: int) -> None:
    body = RoomStatusChanged(room_id="101", dimension="guest_service", value=value)
    _rooms(context, at, room_status_changed=body)


def _set(context: HotelContext, kind: str, name: str, **body: Any) -> None:
    context.take(SettingsRecord(property_id="h", kind=kind, id=name, at=1, actor_id="a", **body))


def test_settings_are_known_until_they_are_taken_back() -> None:
    context = HotelContext()
    hotel = PropertySettings(name="H", time_zone="UTC", currency="EUR", departments=["spa"])
    _set(context, "property", "h", property=hotel)
    _set(context, "room", "101", room=RoomSettings(room_id="101", room_type="d", floor=1, zone_id="z"))
    _set(context, "weights", "h", weights=RoutingWeights(max_credits=3))
    assert (context.property, set(context.rooms), context.weights.max_credits) == (hotel, {"101"}, 3)
    for kind, name in (("property", "h"), ("room", "101"), ("weights", "h"), ("item", "never")):
        context.forget(kind, name)
    assert context == HotelContext()


def test_a_shift_is_known_with_its_end() -> None:
    context = HotelContext()
    started = ShiftStarted(shift_id="s", staff_id="ann", department="spa", ends_at=9)
    context.take(StaffAnswer(**HEAD, facts=[StaffFact(fact_id="f", occurred_at=1, shift_started=started)]))
    assert context.shifts["ann"].ended_at is None
    ended = ShiftEnded(shift_id="s", staff_id="ann")
    context.take(StaffAnswer(**HEAD, facts=[StaffFact(fact_id="g", occurred_at=5, shift_ended=ended)]))
    assert context.shifts["ann"].ended_at == 5


def test_do_not_disturb_is_the_latest_word_by_time() -> None:
    context = HotelContext()
    heard = []
    for value, at in (("do_not_disturb", 5), ("none", 4), ("none", 6)):
        _service(context, value, at)
        heard.append(context.room_states["101"].guest_service)
    assert heard == ["do_not_disturb", "do_not_disturb", "none"]


def test_other_dimensions_are_the_room_agents_own_business() -> None:
    context = HotelContext()
    body = RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty")
    _rooms(context, room_status_changed=body)
    assert context.room_states == {}


def test_a_guests_room_follows_the_stay() -> None:
    context = HotelContext()
    _rooms(context, room_assigned=RoomAssigned(reservation_id="R", room_id="101"))
    assert context.rooms_of("gus") == set(), "nobody came yet"
    _rooms(context, checked_in=CheckedIn(reservation_id="R", room_id="101", guest_id="gus"))
    assert context.rooms_of("gus") == {"101"}
    _rooms(context, room_assigned=RoomAssigned(reservation_id="R", room_id="102"))
    assert context.rooms_of("gus") == {"102"}
    _rooms(context, checked_out=CheckedOut(reservation_id="R"))
    assert context.rooms_of("gus") == set()


def test_a_stay_without_guest_or_room_says_nothing_of_anybody() -> None:
    context = HotelContext()
    _rooms(context, checked_in=CheckedIn(reservation_id="R", room_id="101"))
    _rooms(context, checked_in=CheckedIn(reservation_id="S", guest_id="gus"))
    assert context.stays == {}


def test_facts_newer_than_this_reader_are_passed_over() -> None:
    context = HotelContext()
    _rooms(context)
    context.take(StaffAnswer(**HEAD, facts=[StaffFact(fact_id="f", occurred_at=1)]))
    assert context == HotelContext()
