"""Who gets a request: golden cases, each with the reason a person would say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.rooms import RoomState
from schemas.records.services import RequestState, RequestStatus
from schemas.records.settings import RoomSettings, RoutingWeights
from schemas.records.staff import ShiftState
from streams.rules import routing
from streams.rules.deciding import Context

NOW = 1_000


def _request(department: str = "housekeeping", credits_: float = 1.0, **values: Any) -> RequestState:
    return RequestState(
        request_id="r",
        room_id="101",
        item="towels",
        department=department,
        priority=3,
        credits=credits_,
        accept_by=2,
        resolve_by=3,
        created_at=1,
        **values,
    )


def _shift(staff_id: str, **values: Any) -> ShiftState:
    fields: dict[str, Any] = {
        "shift_id": staff_id,
        "department": "housekeeping",
        "started_at": 0,
        "ends_at": NOW + 1,
    }
    return ShiftState(staff_id=staff_id, **(fields | values))


def _context(*shifts: ShiftState, **values: Any) -> Context:
    room = RoomSettings(room_id="101", room_type="double", floor=1, zone_id="floor-1")
    return Context(rooms={"101": room}, shifts={shift.staff_id: shift for shift in shifts}, **values)


@pytest.mark.parametrize(
    ("shifts", "load", "chosen"),
    [
        ([], {}, None),
        ([_shift("ann")], {}, "ann"),
        ([_shift("bob"), _shift("ann")], {}, "ann"),
        ([_shift("ann"), _shift("bob")], {"ann": 0.25}, "bob"),
        ([_shift("ann", zones=["floor-2"]), _shift("bob")], {"bob": 0.25}, "bob"),
        ([_shift("ann", zones=["floor-2"]), _shift("bob")], {"bob": 0.75}, "ann"),
        ([_shift("ann", zones=["floor-1", "floor-2"]), _shift("bob")], {"bob": 0.25}, "ann"),
        ([_shift("ann", department="maintenance")], {}, None),
        ([_shift("ann", on_break_since=5), _shift("bob")], {"bob": 3}, "bob"),
        ([_shift("ann", ended_at=5), _shift("bob")], {"bob": 3}, "bob"),
        ([_shift("ann", ends_at=NOW), _shift("bob")], {"bob": 3}, "bob"),
        ([_shift("ann")], {"ann": 7}, "ann"),
        ([_shift("ann")], {"ann": 7.25}, None),
    ],
)
def test_the_least_loaded_who_can_gets_it(
    shifts: list[ShiftState], load: dict[str, float], chosen: str | None
) -> None:
    staff_id, _, sentence = routing.route(_request(), load, _context(*shifts), NOW)
    assert staff_id == chosen
    assert sentence.startswith(chosen if chosen else "Nobody of housekeeping is free")


def test_everybody_considered_is_told_with_score_or_reason() -> None:
    shifts = (
        _shift("far", zones=["floor-9"]),
        _shift("gone", ended_at=3),
        _shift("pause", on_break_since=3),
        _shift("full"),
        _shift("free"),
        _shift("other", department="security"),
    )
    _, found, _ = routing.route(_request(), {"full": 8.0}, _context(*shifts), NOW)
    assert [(one.id, one.score, one.eligible, one.reason) for one in found] == [
        ("free", 0.0, True, ""),
        ("far", 0.5, True, ""),
        ("gone", 0.0, False, "off shift"),
        ("pause", 0.0, False, "on a break"),
        ("full", 8.0, False, "has 8 of 8 credits in hand"),
    ]


def test_the_hotels_weights_count() -> None:
    shifts = (_shift("ann", zones=["floor-2"]), _shift("bob"))
    near = _context(*shifts, weights=RoutingWeights(other_zone_penalty=0.0))
    assert routing.route(_request(), {"bob": 0.25}, near, NOW)[0] == "ann"
    small = _context(*shifts, weights=RoutingWeights(max_credits=0.5))
    assert routing.route(_request(), {}, small, NOW)[0] is None


def test_housekeeping_waits_at_a_door_that_says_do_not_disturb_others_do_not() -> None:
    quiet = {"101": RoomState(room_id="101", guest_service="do_not_disturb")}
    shifts = (_shift("ann"), _shift("max", department="maintenance"))
    context = _context(*shifts, room_states=quiet)
    staff_id, found, sentence = routing.route(_request(), {}, context, NOW)
    assert (staff_id, found) == (None, ())
    assert "does not want to be disturbed" in sentence
    assert routing.route(_request("maintenance"), {}, context, NOW)[0] == "max"


@pytest.mark.parametrize(
    ("status", "counted"),
    [("open", 0), ("assigned", 2), ("accepted", 2), ("started", 2), ("completed", 0), ("cancelled", 0)],
)
def test_load_is_what_is_in_hand(status: RequestStatus, counted: float) -> None:
    requests = [_request(credits_=1, staff_id="ann", status=status)] * 2
    assert routing.loads(requests).get("ann", 0) == counted


@given(st.permutations(["a", "b", "c", "d"]), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)))
def test_the_order_of_arrival_decides_nothing(names: list[str], load: dict[str, float]) -> None:
    one = routing.route(_request(), load, _context(*(_shift(name) for name in names)), NOW)
    two = routing.route(_request(), load, _context(*(_shift(name) for name in sorted(names))), NOW)
    assert one == two


def test_the_room_left_is_that_of_whoever_has_the_most() -> None:
    context = _context(
        _shift("ann"), _shift("bob"), _shift("cem", on_break_since=1), _shift("dan", ends_at=1)
    )
    assert routing.room("housekeeping", {"ann": 3.0, "bob": 7.5}, context, NOW) == 5.0
    assert routing.room("spa", {}, context, NOW) < 0
