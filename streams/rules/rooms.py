"""The house: rooms with their dimensions kept apart, reservations that only climb, one night audit a date."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.rooms import HouseState, ReservationState, RoomsFact, RoomState
from streams.rules import rooms_commands, rooms_fold
from streams.rules.deciding import Ask, Context, Decision, Said


class House:
    """One hotel's rooms and reservations, and the rules over them."""

    def __init__(self) -> None:
        self.rooms: dict[str, RoomState] = {}
        self.reservations: dict[str, ReservationState] = {}
        self.house = HouseState()

    def room(self, room_id: str) -> RoomState:
        """The room as it is; one nobody spoke of yet is vacant and clean."""
        return self.rooms.get(room_id) or RoomState(room_id=room_id)

    def business_date(self, at: int, context: Context) -> datetime.date:
        """The date of the last night audit's opening; before the first, the hotel's calendar date."""
        if self.house.business_date is not None:
            return self.house.business_date
        zone = ZoneInfo(context.property.time_zone) if context.property else datetime.UTC
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
        """A stay that begins or ends in a known room changes the room's status at the same moment."""
        if came := fact.checked_in:
            room_id = came.room_id or self._room_of(came.reservation_id)
            return stay_begins(room_id, fact.occurred_at) if room_id else ()
        if left := fact.checked_out:
            room_id = left.room_id or self._room_of(left.reservation_id)
            return stay_ends(room_id, fact.occurred_at) if room_id else ()
        return ()

    def _room_of(self, reservation_id: str) -> str | None:
        found = self.reservations.get(reservation_id)
        return found.room_id if found else None

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact."""
        rooms_fold.apply(self, body, at)

    def change(self, reservation_id: str, **values: Any) -> None:
        """The reservation with these values."""
        old = self.reservations.get(reservation_id) or ReservationState(reservation_id=reservation_id)
        self.reservations[reservation_id] = msgspec.structs.replace(old, **values)

    def due(self) -> int | None:
        """The house has no deadlines."""
        return None

    def fire(self, until: int, context: Context) -> Decision | None:
        """The house has no deadlines."""
        return None


def status(room_id: str, dimension: said.Dimension, value: str, at: int, reason: str = "") -> Said:
    """One dimension has a new value."""
    body: Record = said.RoomStatusChanged(room_id=room_id, dimension=dimension, value=value, reason=reason)
    return Said("room_status_changed", body, at)


def stay_begins(room_id: str, at: int) -> tuple[Said, ...]:
    """The room is occupied."""
    return (status(room_id, "front_office", "occupied", at, "check-in"),)


def stay_ends(room_id: str, at: int) -> tuple[Said, ...]:
    """The room is vacant and dirty (OPERA: a check-out makes a room dirty)."""
    return (
        status(room_id, "front_office", "vacant", at, "check-out"),
        status(room_id, "housekeeping", "dirty", at, "check-out"),
    )
