"""What an earlier life left, from the API's answers."""

from __future__ import annotations

import datetime

from infra.simulator.found import found
from infra.simulator.world import Booking, Found, Stay

TODAY = datetime.date(2026, 3, 1)


def test_an_empty_hotel_is_a_new_one() -> None:
    assert found([{"room_id": "101", "housekeeping": "clean", "block": "none"}], [], [], [], TODAY) is None


def test_stays_bookings_rooms_and_shifts() -> None:
    rooms = [
        {"room_id": "101", "housekeeping": "dirty", "block": "none"},
        {"room_id": "102", "housekeeping": "clean", "block": "out_of_order"},
    ]
    one = {"reservation_id": "R1", "guest_id": None, "room_id": "101", "departure": None}
    two = {
        "reservation_id": "R2",
        "guest_id": "g",
        "room_type": "twin",
        "arrival": "2026-03-02",
        "departure": "2026-03-04",
    }
    assert found(rooms, [one], [two], [{"staff_id": "ana"}], TODAY) == Found(
        (Stay("R1", "guest", "101", TODAY),),
        (Booking("R2", "g", "twin", datetime.date(2026, 3, 2), datetime.date(2026, 3, 4)),),
        frozenset({"101"}),
        frozenset({"102"}),
        frozenset({"ana"}),
    )
