"""Guests come and go: booked the day before, cancelled, never seen, walking in. Pure."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

from infra.simulator import curves, housekeeping, mistakes
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.layout import Room
from infra.simulator.step import fact
from infra.simulator.world import Booking, Stay, World
from schemas.ids import derived_id

OCCUPANCY = 0.72
# Fridays and Saturdays are fuller, Sundays emptier; Monday first.
WEEK = (0.95, 1.0, 1.0, 1.0, 1.1, 1.15, 0.8)
CANCELLED, NO_SHOW, WALK_IN = 0.06, 0.03, 0.08
LATEST_S = 23.5 * HOUR_S
RATES = {"double": "118.00", "twin": "124.50", "suite": "239.90"}
_BOOKED = ("Online TA", "Direct", "Corporate", "Groups")


def move_in(house: World, at: float) -> None:
    """Who stayed over the night, in a hotel that nobody has seen before."""
    rooms = house.rng.sample(house.hotel.rooms, round(len(house.hotel.rooms) * OCCUPANCY))
    yesterday = house.date(at) - datetime.timedelta(days=1)
    for room in sorted(rooms, key=lambda one: one.room_id):
        booking = _booking(house, room.room_type, yesterday)
        came = {
            "reservation_id": booking.reservation_id,
            "room_id": room.room_id,
            "guest_id": booking.guest_id,
        }
        house.say_facts(at, _made(house, booking), _fact(booking.reservation_id, "in", "checked_in", came))
        house.stays[room.room_id] = Stay(
            booking.reservation_id, booking.guest_id, room.room_id, booking.departs
        )


def draw_departures(house: World, at: float, midnight: float) -> None:
    """When those whose last night it was leave."""
    for stay in list(house.stays.values()):
        if stay.departs <= house.date(at):
            leave = midnight + curves.moment(curves.DEPARTURES, house.rng)
            house.later(max(leave, at + 60), partial(_departs, house, stay))


def book(house: World, at: float, midnight: float) -> None:
    """Books what is free of the day that begins at `midnight`, over the day before it."""
    day = house.date(midnight)
    staying = sum(stay.departs > day for stay in house.stays.values())
    booked = sum(one.arrives <= day < one.departs for one in house.bookings.values())
    beds = min(len(house.hotel.rooms), round(len(house.hotel.rooms) * OCCUPANCY * WEEK[day.weekday()]))
    for _ in range(max(0, beds - staying - booked)):
        room_type = house.rng.choice(house.hotel.rooms).room_type
        arrives = midnight + curves.moment(curves.ARRIVALS, house.rng)
        made = arrives - 300 if house.chance(WALK_IN) else house.rng.uniform(at, max(at, midnight))
        house.later(max(at, made), partial(_books, house, room_type, day, arrives))


def arrival(house: World, booking: Booking, at: float) -> float:
    """When somebody comes whose booking was made in an earlier life: at the earliest soon."""
    days = max(0, (booking.arrives - house.date(at)).days)
    return max(at + 600, at // DAY_S * DAY_S + days * DAY_S + curves.moment(curves.ARRIVALS, house.rng))


def expect(house: World, booking: Booking, arrives: float) -> None:
    """Comes, cancels or is never seen. A no-show is said by the night audit."""
    house.bookings[booking.reservation_id] = booking
    fate = house.rng.random()
    if fate < CANCELLED:
        house.later(arrives - house.rng.uniform(1, 12) * HOUR_S, partial(_cancels, house, booking))
    elif fate > CANCELLED + NO_SHOW:
        house.later(arrives, partial(_arrives, house, booking))


def nights(house: World, closes: datetime.date, at: float) -> None:
    """The night goes on every bill, as the property system does it: all at once."""
    types = {room.room_id: room.room_type for room in house.hotel.rooms}
    found = []
    for stay in house.stays.values():
        own = derived_id(stay.reservation_id, "night", closes.isoformat())
        body = {
            "charge_id": own,
            "reservation_id": stay.reservation_id,
            "business_date": closes.isoformat(),
            "kind": "room",
            "amount": RATES[types[stay.room_id]],
            "currency": house.hotel.currency,
            "text": "Room and tax",
        }
        found.append(fact(own, "charge_posted", body))
    house.say_facts(at, *found)


def no_shows(house: World, closes: datetime.date, at: float) -> None:
    """Whoever was expected and did not come until the date is closed."""
    for booking in [one for one in house.bookings.values() if one.arrives <= closes]:
        del house.bookings[booking.reservation_id]
        said = {"reservation_id": booking.reservation_id}
        house.say_facts(at, _fact(booking.reservation_id, "no-show", "reservation_no_show", said))


def _books(house: World, room_type: str, day: datetime.date, arrives: float, at: float) -> None:
    booking = _booking(house, room_type, day)
    house.say_facts(at, _made(house, booking))
    expect(house, booking, max(arrives, at + 60))


def _booking(house: World, room_type: str, arrives: datetime.date) -> Booking:
    number = house.rng.getrandbits(48)
    departs = arrives + datetime.timedelta(days=house.rng.randint(1, 4))
    return Booking(f"R{number:012x}", f"guest-{number:012x}", room_type, arrives, departs)


def _made(house: World, booking: Booking) -> dict[str, Any]:
    segment = house.rng.choice(_BOOKED)
    body = {
        "reservation_id": booking.reservation_id,
        "arrival": booking.arrives.isoformat(),
        "departure": booking.departs.isoformat(),
        "booked_on": (booking.arrives - datetime.timedelta(days=house.rng.randint(0, 60))).isoformat(),
        "room_type": booking.room_type,
        "guest_id": booking.guest_id,
        "rate": RATES[booking.room_type],
        "currency": house.hotel.currency,
        "adults": house.rng.choices((1, 2, 3), (35, 60, 5))[0],
        "segment": segment,
        "channel": "TA/TO" if segment in ("Online TA", "Groups") else segment,
    }
    return _fact(booking.reservation_id, "made", "reservation_made", body)


def _fact(reservation_id: str, what: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    return fact(derived_id(reservation_id, what), name, body)


def _cancels(house: World, booking: Booking, at: float) -> None:
    if house.bookings.pop(booking.reservation_id, None) is not None:
        said = {"reservation_id": booking.reservation_id, "reason": "Plans have changed."}
        house.say_facts(at, _fact(booking.reservation_id, "cancelled", "reservation_cancelled", said))


def _arrives(house: World, booking: Booking, at: float) -> None:
    """To the front desk; who finds no room ready sits in the lobby for a while."""
    if booking.reservation_id not in house.bookings:
        return
    rooms = house.ready()
    if not rooms:
        if at % DAY_S < LATEST_S:
            house.later(at + 1_800, partial(_arrives, house, booking))
        return
    room = house.rng.choice(_of_type(rooms, booking.room_type) or rooms)
    del house.bookings[booking.reservation_id]
    stay = Stay(booking.reservation_id, booking.guest_id, room.room_id, booking.departs)
    house.stays[room.room_id] = stay
    mistakes.check_in(house, house.someone("front_desk"), stay, at)


def _of_type(rooms: list[Room], room_type: str) -> list[Room]:
    return [room for room in rooms if room.room_type == room_type]


def _departs(house: World, stay: Stay, at: float) -> None:
    if house.stays.get(stay.room_id) is not stay:
        return
    desk = house.someone("front_desk")
    if house.chance(0.3):
        mistakes.minibar(house, desk, stay, at)
    house.say(at, desk, "rooms.check_out", {"reservation_id": stay.reservation_id})
    del house.stays[stay.room_id]
    housekeeping.departed(house, stay.room_id, at)
