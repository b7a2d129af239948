"""The life of a simulated hotel: shifts, departures, arrivals, housekeeping, night audit. Pure."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

from infra.simulator import curves, guests
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.layout import Hotel, Member
from infra.simulator.step import MANAGER, PROPERTY_SYSTEM, member_actor
from infra.simulator.world import Stay, World
from schemas.ids import derived_id

OCCUPANCY = 0.72
AUDIT_HOUR = 3
RATES = {"double": "118.00", "twin": "124.50", "suite": "239.90"}


def world(hotel: Hotel, seed: int, first_day: datetime.date, start_hour: int = 7) -> World:
    """A hotel at `start_hour`: who stayed over the night is in the house, who is on shift is on duty."""
    house = World(hotel, seed, first_day)
    start = start_hour * HOUR_S
    house.later(start, partial(_open, house))
    return house


def _open(house: World, at: float) -> None:
    for member in house.hotel.staff:
        worked = (at / HOUR_S - member.starts_hour) % 24
        if worked < member.hours:
            _shift_starts(house, member, member.hours - worked, at)
        next_start = at + ((member.starts_hour * HOUR_S - at) % DAY_S or DAY_S)
        house.later(next_start, partial(_shift_day, house, member))
    rooms = [r.room_id for r in house.hotel.rooms]
    for room_id in sorted(house.rng.sample(rooms, round(len(rooms) * OCCUPANCY))):
        nights = house.rng.randint(1, 4)
        _book(house, room_id, house.date(at) - datetime.timedelta(days=1), nights, at, in_house=True)
    _new_day(house, at)


def _new_day(house: World, at: float) -> None:
    """Draw everything of the calendar day that is still to come, and the next day's start."""
    midnight = at // DAY_S * DAY_S
    today = house.date(at)
    for stay in list(house.stays.values()):
        if stay.departs <= today:
            leave = midnight + curves.moment(curves.DEPARTURES, house.rng)
            house.later(max(leave, at + 60), partial(_departs, house, stay))
    free = round(len(house.hotel.rooms) * OCCUPANCY) - sum(s.departs > today for s in house.stays.values())
    for _ in range(max(0, free)):
        arrive = midnight + curves.moment(curves.ARRIVALS, house.rng)
        if arrive > at:
            house.later(arrive, partial(_arrives, house))
    guests.draw_day(house, at, midnight)
    house.later(midnight + DAY_S, partial(_new_day, house))
    house.later(midnight + DAY_S + AUDIT_HOUR * HOUR_S, partial(_audit, house, today))


def _book(
    house: World, room_id: str, arrival: datetime.date, nights: int, at: float, *, in_house: bool
) -> Stay:
    number = house.rng.getrandbits(48)
    reservation_id = f"R{number:012x}"
    stay = Stay(reservation_id, f"guest-{room_id}", room_id, arrival + datetime.timedelta(days=nights))
    room = next(r for r in house.hotel.rooms if r.room_id == room_id)
    booked: dict[str, Any] = {
        "reservation_id": reservation_id,
        "arrival": arrival.isoformat(),
        "departure": stay.departs.isoformat(),
        "booked_on": (arrival - datetime.timedelta(days=house.rng.randint(1, 60))).isoformat(),
        "room_type": room.room_type,
        "room_id": room_id,
        "guest_id": stay.guest_id,
        "rate": RATES[room.room_type],
        "currency": house.hotel.currency,
        "adults": house.rng.randint(1, 2),
        "segment": house.rng.choice(["Online TA", "Direct", "Corporate", "Groups"]),
        "channel": house.rng.choice(["TA/TO", "Direct", "Corporate"]),
    }
    facts = [_fact(reservation_id, "made", "reservation_made", booked)]
    if in_house:
        came = {"reservation_id": reservation_id, "room_id": room_id, "guest_id": stay.guest_id}
        facts.append(_fact(reservation_id, "in", "checked_in", came))
        house.stays[room_id] = stay
    house.say(at, PROPERTY_SYSTEM, "rooms.facts", {"source_system": "simulator", "facts": facts})
    return stay


def _fact(reservation_id: str, what: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """A property system's fact; its `occurred_at` is the speaker's clock when it is sent."""
    return {"source_event_id": derived_id(reservation_id, what), name: body}


def _arrives(house: World, at: float) -> None:
    rooms = house.vacant_clean()
    if not rooms:
        return
    room_id = house.rng.choice(rooms)
    stay = _book(house, room_id, house.date(at), house.rng.randint(1, 4), at, in_house=False)
    house.stays[room_id] = stay
    desk = house.duty("front_desk")
    actor = member_actor(house.hotel, house.rng.choice(desk).staff_id) if desk else MANAGER
    house.say(at + 30, actor, "rooms.check_in", {"reservation_id": stay.reservation_id, "room_id": room_id})


def _departs(house: World, stay: Stay, at: float) -> None:
    if house.stays.get(stay.room_id) is not stay:
        return
    if house.rng.random() < 0.3:
        amount = f"{house.rng.randint(4, 48)}.{house.rng.choice(['00', '50', '90'])}"
        charge = {
            "reservation_id": stay.reservation_id,
            "kind": "minibar",
            "amount": amount,
            "text": "Minibar",
        }
        house.say(at, MANAGER, "rooms.post_charge", charge)
    house.say(at + 20, MANAGER, "rooms.check_out", {"reservation_id": stay.reservation_id})
    del house.stays[stay.room_id]
    house.dirty.add(stay.room_id)
    house.later(at + house.rng.uniform(600, 5400), partial(_cleaned, house, stay.room_id))


def _cleaned(house: World, room_id: str, at: float) -> None:
    keepers = house.duty("housekeeping")
    if not keepers:
        house.later(at + HOUR_S, partial(_cleaned, house, room_id))
        return
    actor = member_actor(house.hotel, house.rng.choice(keepers).staff_id)
    for delay, value in ((0.0, "clean"), (house.rng.uniform(300, 1200), "inspected")):
        body = {"room_id": room_id, "dimension": "housekeeping", "value": value}
        house.say_later(at + delay, actor, "rooms.set_room_status", body)
    house.dirty.discard(room_id)


def _audit(house: World, closes: datetime.date, at: float) -> None:
    for stay in house.stays.values():
        room = next(r for r in house.hotel.rooms if r.room_id == stay.room_id)
        charge = {"reservation_id": stay.reservation_id, "kind": "room", "amount": RATES[room.room_type]}
        house.say(at, MANAGER, "rooms.post_charge", charge | {"text": "Room and tax"})
    house.say(at + 1, MANAGER, "rooms.run_night_audit", {"close": closes.isoformat()})


def _shift_day(house: World, member: Member, at: float) -> None:
    _shift_starts(house, member, member.hours, at)
    house.later(at + DAY_S, partial(_shift_day, house, member))


def _shift_starts(house: World, member: Member, hours: float, at: float) -> None:
    house.on_duty[member.staff_id] = member
    # Far beyond the simulated shift: the day runs faster than the clock by which the staff agent ends shifts.
    body = {"staff_id": member.staff_id, "department": member.department, "ends_in_s": DAY_S}
    house.say(at, member_actor(house.hotel, member.staff_id), "staff.start_shift", body)
    house.later(at + hours * HOUR_S, partial(_shift_ends, house, member))


def _shift_ends(house: World, member: Member, at: float) -> None:
    house.on_duty.pop(member.staff_id, None)
    house.say(
        at, member_actor(house.hotel, member.staff_id), "staff.end_shift", {"staff_id": member.staff_id}
    )
