"""Who does a step."""

from __future__ import annotations

import pytest

from infra.simulator import layout, step


def test_a_member_of_staff_speaks_for_their_department() -> None:
    hotel = layout.hotel(0, 20)
    actor = step.member_actor(hotel, "staff-housekeeping-1")
    assert (actor.role, actor.departments) == ("staff", ("housekeeping",))
    with pytest.raises(KeyError):
        step.member_actor(hotel, "nobody")


def test_a_guest_speaks_for_their_room() -> None:
    actor = step.guest_actor("101", "R1", "guest-101")
    assert (actor.role, actor.room_id, actor.reservation_id) == ("guest", "101", "R1")


def test_times_that_are_relative_become_those_of_a_clock() -> None:
    assert step.absolute({"ends_in_s": 2, "staff_id": "a"}, 1000) == {"ends_at": 3000, "staff_id": "a"}
    assert step.absolute({"shown_for_s": 0.5}, 1000) == {"until": 1500}
    facts = step.absolute({"facts": [{"a": {}}, {"b": {}, "occurred_at": 7}]}, 1000)["facts"]
    assert facts == [{"occurred_at": 1000, "a": {}}, {"occurred_at": 7, "b": {}}]
