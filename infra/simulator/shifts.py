"""Who is on duty: three shifts a day, a break in the middle of each. Pure."""

from __future__ import annotations

from functools import partial

from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.layout import Member
from infra.simulator.step import member_actor
from infra.simulator.world import World

BREAK_S = 1_800


def begin(house: World, at: float, on_shift: frozenset[str]) -> None:
    """Who works at this hour is on duty; the others come at theirs. `on_shift`: said already."""
    for member in house.hotel.staff:
        worked = (at / HOUR_S - member.starts_hour) % 24
        if worked < member.hours:
            starts(house, member, member.hours - worked, at, said=member.staff_id in on_shift)
        next_start = at + ((member.starts_hour * HOUR_S - at) % DAY_S or DAY_S)
        house.later(next_start, partial(_day, house, member))


def _day(house: World, member: Member, at: float) -> None:
    starts(house, member, member.hours, at)
    house.later(at + DAY_S, partial(_day, house, member))


def starts(house: World, member: Member, hours: float, at: float, said: bool = False) -> None:
    """On duty for so many hours."""
    house.on_duty[member.staff_id] = member
    if not said:
        # Far beyond the simulated shift: the day runs faster than the clock by which the agent ends shifts.
        body = {"staff_id": member.staff_id, "department": member.department, "ends_in_s": DAY_S}
        house.say(at, member_actor(house.hotel, member.staff_id), "staff.start_shift", body)
    # Not all of a department at once: somebody must be there.
    rest = at + hours * HOUR_S * house.rng.uniform(0.3, 0.7)
    house.later(rest, partial(_break, house, member))
    house.later(at + hours * HOUR_S, partial(_ends, house, member))


def _break(house: World, member: Member, at: float) -> None:
    if len(house.duty(member.department)) < 2 or house.busy_until.get(member.staff_id, 0) > at:
        return
    del house.on_duty[member.staff_id]
    actor, body = member_actor(house.hotel, member.staff_id), {"staff_id": member.staff_id}
    house.say(at, actor, "staff.start_break", body)
    house.say_later(at + BREAK_S, actor, "staff.end_break", body)
    house.later(at + BREAK_S, partial(_back, house, member))


def _back(house: World, member: Member, at: float) -> None:
    house.on_duty[member.staff_id] = member


def _ends(house: World, member: Member, at: float) -> None:
    house.on_duty.pop(member.staff_id, None)
    body = {"staff_id": member.staff_id}
    house.say(at, member_actor(house.hotel, member.staff_id), "staff.end_shift", body)
