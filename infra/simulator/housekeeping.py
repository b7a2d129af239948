"""Cleaning: departures first, those who stay over in the day, each by somebody who has the time. Pure."""

from __future__ import annotations

from functools import partial

from infra.simulator import curves
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.step import fact, guest_actor, member_actor
from infra.simulator.world import Stay, World
from schemas.ids import derived_id

DEPARTURE_MINUTES = (25, 45)
STAY_OVER_MINUTES = (12, 22)
DO_NOT_DISTURB = 0.08
OUT_OF_ORDER_PER_DAY = 0.5


def departed(house: World, room_id: str, at: float) -> None:
    """Empty and dirty: next on somebody's list."""
    house.dirty.add(room_id)
    house.later(at + 60, partial(_take, house, room_id, DEPARTURE_MINUTES))


def slept_in(house: World, at: float) -> None:
    """Every room that was slept in is to be done, as the property system says after its night audit."""
    facts = []
    for room_id, stay in sorted(house.stays.items()):
        house.dirty.add(room_id)
        own = derived_id(stay.reservation_id, "slept", house.date(at).isoformat())
        body = {"room_id": room_id, "dimension": "housekeeping", "value": "dirty"}
        facts.append(fact(own, "room_status_changed", body))
    house.say_facts(at, *facts)


def draw_day(house: World, at: float, midnight: float) -> None:
    """Who is cleaned for when, who does not want to be disturbed, what breaks."""
    for room_id in sorted(house.stays):
        stay, when = house.stays[room_id], midnight + curves.moment(curves.STAY_OVERS, house.rng)
        sleeps = house.chance(DO_NOT_DISTURB)
        if stay.departs <= house.date(at):
            continue
        if sleeps:
            house.later(
                max(at + 60, midnight + house.rng.uniform(8, 10) * HOUR_S), partial(_sign, house, stay)
            )
        house.later(max(at + 60, when), partial(_stay_over, house, stay))
    if house.chance(OUT_OF_ORDER_PER_DAY):
        breaks = midnight + house.rng.uniform(8, 18) * HOUR_S
        if breaks > at:
            house.later(breaks, partial(_breaks, house))


def _sign(house: World, stay: Stay, at: float) -> None:
    """Hung out, and taken in some hours later."""
    if house.stays.get(stay.room_id) is not stay:
        return
    house.undisturbed.add(stay.room_id)
    guest = guest_actor(stay.room_id, stay.reservation_id, stay.guest_id)
    body = {"room_id": stay.room_id, "dimension": "guest_service"}
    house.say(at, guest, "rooms.set_room_status", body | {"value": "do_not_disturb"})
    house.later(at + house.rng.uniform(4, 7) * HOUR_S, partial(_sign_in, house, stay))


def _sign_in(house: World, stay: Stay, at: float) -> None:
    house.undisturbed.discard(stay.room_id)
    if house.stays.get(stay.room_id) is stay:
        guest = guest_actor(stay.room_id, stay.reservation_id, stay.guest_id)
        body = {"room_id": stay.room_id, "dimension": "guest_service", "value": "none"}
        house.say(at, guest, "rooms.set_room_status", body)


def _stay_over(house: World, stay: Stay, at: float) -> None:
    if house.stays.get(stay.room_id) is not stay or stay.room_id not in house.dirty:
        return
    if stay.room_id in house.undisturbed:
        house.later(at + 2 * HOUR_S, partial(_stay_over, house, stay))
        return
    _take(house, stay.room_id, STAY_OVER_MINUTES, at)


def _take(house: World, room_id: str, minutes: tuple[int, int], at: float) -> None:
    """The one who is free first does it."""
    keepers = house.duty("housekeeping")
    if not keepers:
        house.later(at + HOUR_S, partial(_take, house, room_id, minutes))
        return
    keeper = min(keepers, key=lambda one: house.busy_until.get(one.staff_id, 0))
    done = max(at, house.busy_until.get(keeper.staff_id, 0)) + house.rng.uniform(*minutes) * 60
    house.busy_until[keeper.staff_id] = done
    house.later(done, partial(_cleaned, house, room_id, keeper.staff_id))


def _cleaned(house: World, room_id: str, staff_id: str, at: float) -> None:
    if room_id not in house.dirty:
        return
    house.dirty.discard(room_id)
    body = {"room_id": room_id, "dimension": "housekeeping"}
    house.say(at, member_actor(house.hotel, staff_id), "rooms.set_room_status", body | {"value": "clean"})
    if room_id not in house.stays:
        house.later(at + house.rng.uniform(300, 1200), partial(_inspected, house, room_id))


def _inspected(house: World, room_id: str, at: float) -> None:
    if room_id in house.stays or room_id in house.dirty:
        return  # somebody was faster
    body = {"room_id": room_id, "dimension": "housekeeping", "value": "inspected"}
    house.say(at, house.someone("housekeeping"), "rooms.set_room_status", body)


def _breaks(house: World, at: float) -> None:
    """An empty room is taken out of order for some hours."""
    rooms = house.ready()
    if not rooms:
        return
    room_id = house.rng.choice(rooms).room_id
    house.blocked.add(room_id)
    body = {"room_id": room_id, "dimension": "block"}
    actor, why = house.someone("maintenance"), house.rng.choice(["Water damage", "Broken lock", "Painting"])
    house.say(at, actor, "rooms.set_room_status", body | {"value": "out_of_order", "reason": why})
    house.later(at + house.rng.uniform(3, 10) * HOUR_S, partial(mended, house, room_id))


def mended(house: World, room_id: str, at: float) -> None:
    """In order again."""
    house.blocked.discard(room_id)
    body = {"room_id": room_id, "dimension": "block", "value": "none"}
    house.say(at, house.someone("maintenance"), "rooms.set_room_status", body)


def catch_up(house: World, at: float) -> None:
    """What an earlier life left: dirty rooms are done, blocked ones mended in the course of the day."""
    for room_id in sorted(house.dirty - house.stays.keys()):
        house.later(at + 60, partial(_take, house, room_id, DEPARTURE_MINUTES))
    for room_id in sorted(house.blocked):
        house.later(at + house.rng.uniform(0.1, 0.4) * DAY_S, partial(mended, house, room_id))
