"""The house: rooms with their dimensions kept apart, reservations, one night audit a date."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.facts import said as body_of
from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.rooms import HouseState, ReservationState, RoomsFact, RoomState
from streams.rules import rooms_commands, rooms_fold, rooms_standing
from streams.rules.deciding import FIRE_AT_MOST, Ask, Context, Decision, Said
from streams.rules.rooms_book import Book
from streams.rules.shelf import Shelf, unpacked

_MOVES = (
    said.ReservationMade,
    said.RoomAssigned,
    said.CheckedIn,
    said.CheckedOut,
    said.CheckInReversed,
    said.CheckOutReversed,
)


class House:
    """One hotel's rooms and reservations, and the rules over them."""

    def __init__(self) -> None:
        self.rooms: dict[str, RoomState] = {}
        self.reservations = Shelf()
        self.house = HouseState()
        self.book = Book()
        self.aside: frozenset[str] = frozenset()

    def room(self, room_id: str) -> RoomState:
        """The room as it is; one nobody spoke of yet is vacant and clean."""
        return self.rooms.get(room_id) or RoomState(room_id=room_id)

    def business_date(self, at: int, context: Context) -> datetime.date:
        """The date of the last night audit's opening; before the first, the hotel's calendar date."""
        if self.house.business_date is not None:
            return self.house.business_date
        zone: datetime.tzinfo = datetime.UTC
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError):  # an unknown zone is no reason to stop
            zone = ZoneInfo(context.property.time_zone) if context.property else zone
        return datetime.datetime.fromtimestamp(at / 1000, zone).date()

    def decide(self, ask: Ask, context: Context) -> Decision:
        """Answer a command of `RoomsCommand`."""
        return rooms_commands.decide(self, ask, context)

    def read(self, answer: Any, context: Context) -> Decision | None:
        """This agent reads no other agent's answers."""
        return None

    def news(self, fact: RoomsFact) -> bool:
        """By the entity's own state; ids of the last days are the shell's."""
        return rooms_fold.news(self, fact)

    def follow(self, fact: RoomsFact) -> Sequence[Said]:
        """What the rooms that this fact touches come to now, and what contradicts."""
        found = body_of(fact)
        rooms = self.touched(found[1]) if found else ()
        return rooms_standing.consequences(self, rooms, fact.occurred_at)

    def touched(self, body: Record) -> Sequence[str]:
        """The rooms whose standing may hang on this fact."""
        if isinstance(body, said.RoomStatusChanged):
            return (body.room_id,)
        if isinstance(body, _MOVES):
            found = self.reservations.get(body.reservation_id)
            return [word.room_id for word in found.rooms] if found else ()
        return ()

    def foresee(self, facts: Sequence[Said], at: int) -> tuple[Said, ...]:
        """The decided facts and what follows from them. Changes nothing."""
        own = [getattr(fact.body, "reservation_id", None) or "" for fact in facts]
        rooms, reservations = dict(self.rooms), {one: self.reservations.get(one) for one in own}
        try:
            for fact in facts:
                rooms_fold.apply(self, fact.body, fact.at)
            touched = [room for fact in facts for room in self.touched(fact.body)]
            return (*facts, *rooms_standing.consequences(self, touched, at))
        finally:
            self.rooms = rooms
            for one, old in reservations.items():
                if old is not None:
                    self.keep(old)
                elif one in self.reservations:
                    self.book.strike(self.reservations.pop(one))

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact."""
        rooms_fold.apply(self, body, at)

    def keep(self, one: ReservationState) -> None:
        """The reservation as it is now."""
        if old := self.reservations.get(one.reservation_id):
            self.book.strike(old)
        self.reservations[one.reservation_id] = one
        self.book.enter(one)

    def entities(self) -> dict[str, dict[str, Any]]:
        """Rooms, reservations, and the house itself once there was a night audit."""
        house = {"house": self.house} if self.house != HouseState() else {}
        return {"room": self.rooms, "reservation": self.reservations.lying, "house": house}

    def restore(self, entities: dict[str, dict[str, Any]]) -> None:
        """Take a state over."""
        self.rooms = entities.get("room", {})
        self.house = entities.get("house", {}).get("house", self.house)
        for one in entities.get("reservation", {}).values():
            self.keep(unpacked(one))

    def due(self) -> int | None:
        """When the next block of a room ends."""
        return min((end for end, _ in self._blocked()), default=None)

    def _blocked(self) -> Iterator[tuple[int, str]]:
        """(end in ms, room) of every block that ends."""
        for room in self.rooms.values():
            if room.block != "none" and room.room_id not in self.aside and room.block_until is not None:
                yield room.block_until, room.room_id

    def fire(self, until: int, context: Context) -> Decision | None:
        """Blocks whose end has come: the room is back in the inventory."""
        over = sorted((end, room_id) for end, room_id in self._blocked() if end <= until)
        facts = [
            Said("room_status_changed", _unblocked(room_id), self.after(room_id, end, "block"))
            for end, room_id in over[:FIRE_AT_MOST]
        ]
        if not facts:
            return None
        sentence = f"{len(facts)} rooms are not blocked any more."
        return Decision(rooms_commands.RULE, sentence, self.foresee(facts, until))

    def after(self, room_id: str, at: int, *dimensions: str) -> int:
        """`at` (ms), or right after the latest word on these dimensions: what is decided counts."""
        known = self.room(room_id).changed_at
        return max(at, *(known.get(dimension, -1) + 1 for dimension in dimensions))


def _unblocked(room_id: str) -> said.RoomStatusChanged:
    return said.RoomStatusChanged(room_id=room_id, dimension="block", value="none", reason="its end")
