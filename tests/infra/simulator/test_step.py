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
