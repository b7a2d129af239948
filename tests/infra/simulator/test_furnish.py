"""What a hotel is set up with."""

from __future__ import annotations

from infra.simulator import layout
from infra.simulator.furnish import people_of, settings_of

HOTEL = layout.hotel(0, 24)


def test_what_is_set_up_names_everybody_and_everything() -> None:
    about = settings_of(HOTEL)
    assert [room["room_id"] for room in about["rooms"]] == [room.room_id for room in HOTEL.rooms]
    assert {item["item"] for item in about["items"]} == {item.item for item in layout.CATALOGUE}
    assert about["property"]["emergency_phone"]
    assert len(people_of(HOTEL)["people"]) == len(HOTEL.staff)
