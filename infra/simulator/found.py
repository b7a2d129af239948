"""What a hotel that lived before looks like, from the public API's answers. Pure."""

from __future__ import annotations

import datetime
from typing import Any

from infra.simulator.world import Booking, Found, Stay


def found(
    rooms: list[dict[str, Any]], in_house: list[dict[str, Any]], made: list[dict[str, Any]],
    shifts: list[dict[str, Any]], today: datetime.date,
) -> Found | None:  # fmt: skip
    """None where nothing has happened yet. `in_house`, `made`: reservations of that status."""
    if not in_house and not made:
        return None
    stays = [
        Stay(
            one["reservation_id"], one["guest_id"] or "guest", one["room_id"], _date(one["departure"], today)
        )
        for one in in_house
        if one["room_id"]
    ]
    bookings = [
        Booking(
            one["reservation_id"],
            one["guest_id"] or "guest",
            one["room_type"],
            _date(one["arrival"], today),
            _date(one["departure"], today),
        )
        for one in made
    ]
    return Found(
        stays=tuple(stays),
        bookings=tuple(bookings),
        dirty=frozenset(one["room_id"] for one in rooms if one["housekeeping"] in ("dirty", "pickup")),
        blocked=frozenset(one["room_id"] for one in rooms if one["block"] != "none"),
        on_shift=frozenset(one["staff_id"] for one in shifts),
    )


def _date(text: str | None, today: datetime.date) -> datetime.date:
    return datetime.date.fromisoformat(text) if text else today
