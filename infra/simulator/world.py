"""The simulated house: a heap of things to come, each of which may bring others. Pure and seeded."""

from __future__ import annotations

import datetime
import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from infra.simulator import curves
from infra.simulator.layout import Hotel, Member, Room
from infra.simulator.step import MANAGER, PROPERTY_SYSTEM, Actor, Step, member_actor
from schemas.ids import derived_id

Event = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Booking:
    """A reservation that nobody has come for yet."""

    reservation_id: str
    guest_id: str
    room_type: str
    arrives: datetime.date
    departs: datetime.date


@dataclass(frozen=True, slots=True)
class Stay:
    """A guest in the house, from check-in to check-out."""

    reservation_id: str
    guest_id: str
    room_id: str
    departs: datetime.date


@dataclass(frozen=True, slots=True)
class Found:
    """What a hotel that has lived before looks like: who is in, who is to come, rooms, who is on shift."""

    stays: tuple[Stay, ...] = ()
    bookings: tuple[Booking, ...] = ()
    dirty: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    on_shift: frozenset[str] = frozenset()

    def life(self, first_day: datetime.date) -> str:
        """Tells this hotel's further life from the ones before it: the same is found, the same follows."""
        said = repr((self.stays, self.bookings, *map(sorted, (self.dirty, self.blocked, self.on_shift))))
        return derived_id("life", first_day.isoformat(), said)


@dataclass(slots=True)
class World:
    """State of one simulated hotel. `first_day`: the date of second 0. Same seed and `life`, same steps.

    `life`: "" for a new hotel. Without it a second run of one seed would say new things under the ids of the
    first run's, which the house takes for repetitions.
    """

    hotel: Hotel
    seed: int
    first_day: datetime.date
    life: str = ""
    rng: random.Random = field(init=False)
    stays: dict[str, Stay] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    undisturbed: set[str] = field(default_factory=set)
    out: list[Step] = field(default_factory=list)
    on_duty: dict[str, Member] = field(default_factory=dict)
    busy_until: dict[str, float] = field(default_factory=dict)
    _heap: list[tuple[float, int, Event]] = field(default_factory=list)
    _events: int = 0
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed}/{self.hotel.property_id}{self.life}")

    def later(self, at: float, event: Event) -> None:
        """Let `event` happen at second `at`; equal times in the order of asking."""
        self._events += 1
        heapq.heappush(self._heap, (at, self._events, event))

    def say(self, at: float, actor: Actor, command: str, body: dict[str, Any]) -> str:
        """Somebody does something: the step goes out; its id is returned."""
        self._numbers += 1
        step_id = derived_id("simulate", self.seed, self.hotel.property_id, self.life, self._numbers)
        self.out.append(Step(at, self._numbers, step_id, actor, command, body))
        return step_id

    def say_later(self, at: float, actor: Actor, command: str, body: dict[str, Any]) -> None:
        """Like `say`, once second `at` has come."""
        self.later(at, partial(self.say, actor=actor, command=command, body=body))

    def say_facts(self, at: float, *facts: dict[str, Any]) -> None:
        """The property system says these facts in one batch; nothing where there are none."""
        if facts:
            body = {"source_system": "simulator", "facts": list(facts)}
            self.say(at, PROPERTY_SYSTEM, "rooms.facts", body)

    def date(self, at: float) -> datetime.date:
        """The calendar date of a second."""
        return self.first_day + datetime.timedelta(days=int(at // curves.DAY_S))

    def hour(self, at: float) -> int:
        """The hour of the day of a second."""
        return int(at % curves.DAY_S // curves.HOUR_S)

    def chance(self, part: float) -> bool:
        """True in so many of all cases."""
        return self.rng.random() < part

    def ready(self) -> list[Room]:
        """Rooms somebody could move into, in the hotel's order."""
        taken = self.stays.keys() | self.dirty | self.blocked
        return [room for room in self.hotel.rooms if room.room_id not in taken]

    def duty(self, department: str) -> list[Member]:
        """Who of the department is on duty."""
        return [m for m in self.on_duty.values() if m.department == department]

    def someone(self, department: str) -> Actor:
        """One of the department who is on duty, else the manager."""
        found = self.duty(department)
        return member_actor(self.hotel, self.rng.choice(found).staff_id) if found else MANAGER

    def run(self, until: float | None = None) -> Iterator[Step]:
        """Steps in the order of their time; endless unless `until` (seconds) is given."""
        while self._heap and (until is None or self._heap[0][0] < until):
            at, _, event = heapq.heappop(self._heap)
            event(at)
            steps, self.out = self.out, []
            yield from steps
