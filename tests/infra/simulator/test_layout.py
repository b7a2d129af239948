"""What a simulated hotel is made of."""

from __future__ import annotations

import pytest

from infra.simulator import layout


@pytest.mark.parametrize("rooms", [1, 20, 226])
def test_rooms_are_numbered_by_floor(rooms: int) -> None:
    hotel = layout.hotel(0, rooms)
    assert len({room.room_id for room in hotel.rooms}) == rooms
    assert all(room.room_id.startswith(str(room.floor)) for room in hotel.rooms)
    assert hotel.rooms[0].room_id == "101"


def test_every_department_is_on_duty_at_every_hour() -> None:
    staff = layout.hotel(0, 40).staff
    assert len({member.staff_id for member in staff}) == len(staff)
    assert len({member.name for member in staff}) == len(staff)
    assert layout.NAMES[0] == staff[0].name
    for department in layout.DEPARTMENTS:
        for hour in range(24):
            assert any(m.department == department and (hour - m.starts_hour) % 24 < m.hours for m in staff)


def test_every_item_of_the_catalogue_has_a_department_and_promises_in_order() -> None:
    for item in layout.CATALOGUE:
        assert item.department in layout.DEPARTMENTS
        assert 0 < item.accept_within_s < item.resolve_within_s
        assert item.credits * 4 == int(item.credits * 4)


def test_hotels_have_ids_of_their_own() -> None:
    assert [layout.hotel(n, 1).property_id for n in range(3)] == ["harbour", "h2", "h3"]


def test_at_every_hour_something_can_be_asked_for() -> None:
    for hour in range(24):
        assert any(item.asked_at(hour) for item in layout.CATALOGUE)
    noise = next(item for item in layout.CATALOGUE if item.item == "noise")
    assert [hour for hour in range(24) if noise.asked_at(hour)] == [0, 1, 2, 3, 4, 21, 22, 23]
