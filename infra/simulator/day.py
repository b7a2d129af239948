"""The life of a simulated hotel, day by day: what is drawn when, and the night audit. Pure."""

from __future__ import annotations

import datetime
from functools import partial

from infra.simulator import guests, housekeeping, shifts, stays
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.layout import Hotel
from infra.simulator.step import MANAGER
from infra.simulator.world import Found, World

AUDIT_HOUR = 3


def world(
    hotel: Hotel, seed: int, first_day: datetime.date, start_hour: int = 7, found: Found | None = None
) -> World:
    """A hotel at `start_hour`. None `found`: a new one, in which some have stayed over the night."""
    house = World(hotel, seed, first_day, found.life(first_day) if found else "")
    house.later(start_hour * HOUR_S, partial(_open, house, found))
    return house


def _open(house: World, found: Found | None, at: float) -> None:
    shifts.begin(house, at, found.on_shift if found else frozenset())
    if found is None:
        stays.move_in(house, at)
        housekeeping.slept_in(house, at)
    else:
        house.stays |= {stay.room_id: stay for stay in found.stays}
        house.dirty |= found.dirty
        house.blocked |= found.blocked
        for booking in found.bookings:
            stays.expect(house, booking, stays.arrival(house, booking, at))
        housekeeping.catch_up(house, at)
    stays.book(house, at, at // DAY_S * DAY_S)
    _draw(house, at)


def _draw(house: World, at: float) -> None:
    """Everything of the calendar day that is still to come, the next day's bookings, and the next day."""
    midnight = at // DAY_S * DAY_S
    stays.draw_departures(house, at, midnight)
    stays.book(house, at, midnight + DAY_S)
    housekeeping.draw_day(house, at, midnight)
    guests.draw_day(house, at, midnight)
    house.later(midnight + DAY_S, partial(_draw, house))
    house.later(midnight + DAY_S + AUDIT_HOUR * HOUR_S, partial(_audit, house, house.date(at)))


def _audit(house: World, closes: datetime.date, at: float) -> None:
    """Who never came, the night on every bill, the date closed; then every bed that was slept in."""
    stays.no_shows(house, closes, at)
    stays.nights(house, closes, at)
    house.say(at + 1, MANAGER, "rooms.run_night_audit", {"close": closes.isoformat()})
    housekeeping.slept_in(house, at + 2)
