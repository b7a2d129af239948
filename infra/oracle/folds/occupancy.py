"""Occupancy, counted from all that was said of the house. Pure."""

from __future__ import annotations

import contextlib
import datetime
from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.oracle.folds.moves import MOVES, Moves
from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import FactHeader
from schemas.records.settings import SettingsRecord

MISSED: dict[type[Record], str] = {
    said.ReservationCancelled: "cancelled",
    said.ReservationNoShow: "no_show",
}
MISSED_ORDER = ("made", *MISSED.values())


class Plain:
    """One hotel. Of each thing the latest word is kept; at the same millisecond the greatest."""

    def __init__(self) -> None:
        self._rooms: defaultdict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        self._missed: defaultdict[str, str] = defaultdict(lambda: "made")
        self._moves: defaultdict[str, Moves] = defaultdict(Moves)
        self._booked: dict[str, tuple[int, datetime.date, datetime.date, int]] = {}
        self._in_room: dict[str, tuple[int, str]] = {}
        self._opened: list[datetime.date] = []
        self._capacity = 0
        self._zone: ZoneInfo | None = None

    def settings(self, record: SettingsRecord) -> None:
        """One record of `settings`."""
        if record.room is not None:
            self._rooms[record.room.room_id]
        elif record.property is not None:
            self._capacity = record.property.capacity
            with contextlib.suppress(ZoneInfoNotFoundError, ValueError):  # an unknown zone changes nothing
                self._zone = ZoneInfo(record.property.time_zone)

    def take(self, fact: FactHeader, body: Record) -> None:
        """One fact of `rooms`."""
        at = fact.occurred_at
        if isinstance(body, said.RoomStatusChanged):
            words = self._rooms[body.room_id]
            words[body.dimension] = max(words.get(body.dimension, (at, body.value)), (at, body.value))
        elif isinstance(body, said.NightAuditDone):
            self._opened = [max([*self._opened, body.opened])]
        elif isinstance(body, said.ReservationMade):
            word = (at, body.departure, body.arrival, body.adults + body.children + body.babies)
            self._booked[body.reservation_id] = max(self._booked.get(body.reservation_id, word), word)
        if isinstance(body, said.ReservationMade | said.RoomAssigned | said.CheckedIn | said.CheckedOut):
            own = body.reservation_id
            if body.room_id is not None:
                self._in_room[own] = max(self._in_room.get(own, (at, body.room_id)), (at, body.room_id))
        if isinstance(body, MOVES):
            self._moves[body.reservation_id].take(fact, body)
        if isinstance(body, said.ReservationCancelled | said.ReservationNoShow):
            own = body.reservation_id  # a no-show over a cancellation
            self._missed[own] = max(self._missed[own], MISSED[type(body)], key=MISSED_ORDER.index)

    def values(self, as_of: int) -> dict[str, dict[str, Any]]:
        """What `live` must say as of `as_of` (ms): field -> value."""
        date = self._date(as_of)
        rooms = [{dimension: word[1] for dimension, word in one.items()} for one in self._rooms.values()]
        staying = [own for own, moves in self._moves.items() if moves.stands() == "in_house"]
        without_room = sum(own not in self._in_room for own in staying)
        inventory = max(self._capacity, len(rooms))
        came = ("in_house", "checked_out")
        arriving = [self._status(own) for own, word in self._booked.items() if word[2] == date]
        leaving = [self._status(own) for own, word in self._booked.items() if word[1] == date]
        return {
            "live": {
                "business_date": date,
                "rooms": inventory,
                "occupied": sum(one.get("front_office") == "occupied" for one in rooms) + without_room,
                "out_of_order": sum(one.get("block") == "out_of_order" for one in rooms),
                "out_of_service": sum(one.get("block") == "out_of_service" for one in rooms),
                "dirty": sum(one.get("housekeeping") == "dirty" for one in rooms),
                # Rooms that nobody named are ready, but for those in which guests of unknown rooms stay.
                "ready": sum(_ready(one) for one in rooms) + max(0, inventory - len(rooms) - without_room),
                "guests": sum(self._booked[own][3] for own in staying if own in self._booked),
                "arrivals_expected": sum(one in (*came, "made") for one in arriving),
                "arrivals_done": sum(one in came for one in arriving),
                "departures_expected": sum(one in came for one in leaving),
                "departures_done": leaving.count("checked_out"),
            }
        }

    def _status(self, own: str) -> str:
        """Guarantee 5: a stay over whatever else was said, a no-show over a cancellation."""
        return self._moves[own].stands() or self._missed[own]

    def _date(self, as_of: int) -> datetime.date | None:
        if self._opened or self._zone is None:
            return self._opened[0] if self._opened else None
        return datetime.datetime.fromtimestamp(as_of / 1000, self._zone).date()


def _ready(room: dict[str, str]) -> bool:
    return (
        room.get("housekeeping", "clean") in ("clean", "inspected")
        and room.get("front_office") != "occupied"
        and room.get("block", "none") == "none"
    )
