"""Live occupancy of one hotel: a fold of `rooms` facts over the inventory that `settings` names."""

from __future__ import annotations

import contextlib
import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from schemas.course import STAYS
from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import FactHeader
from schemas.records.folds import OccupancyState
from schemas.records.settings import SettingsRecord
from streams.rules.remembering import chunks
from streams.rules.reservations import Reservation


class Room(msgspec.Struct, array_like=True):
    """A room's dimensions, each with the time (ms) of its last word."""

    values: dict[str, str] = {}
    changed_at: dict[str, int] = {}

    def take(self, dimension: str, value: str, at: int) -> None:
        """Last writer by time inside one dimension; at the same time, the greater value."""
        if (at, value) > (self.changed_at.get(dimension, -1), self.values.get(dimension, "")):
            self.values[dimension], self.changed_at[dimension] = value, at

    @property
    def standing(self) -> tuple[bool, str, str]:
        """Occupied, why it is blocked, housekeeping's word."""
        said = self.values.get
        return said("front_office") == "occupied", said("block", "none"), said("housekeeping", "clean")


READY = [(False, "none", keeping) for keeping in ("clean", "inspected")]

_HOUSE = msgspec.msgpack.Decoder(tuple[int, str | None, datetime.date | None])
_ROOMS = msgspec.msgpack.Decoder(list[tuple[str, Room]])
_RESERVATIONS = msgspec.msgpack.Decoder(list[tuple[str, Reservation]])


class Fold:
    """One hotel. Facts by `apply`, inventory by `settings`, the absolute value by `snapshot`."""

    def __init__(self, property_id: str) -> None:
        self._property_id = property_id
        self._rooms: defaultdict[str, Room] = defaultdict(Room)
        self._reservations: defaultdict[str, Reservation] = defaultdict(Reservation)
        self._in_house: set[str] = set()
        self._arrivals: defaultdict[datetime.date, set[str]] = defaultdict(set)
        self._departures: defaultdict[datetime.date, set[str]] = defaultdict(set)
        self._business_date: datetime.date | None = None
        self._zone: ZoneInfo | None = None
        self._capacity = 0

    def settings(self, record: SettingsRecord) -> None:
        """Learn the inventory and the time zone."""
        if record.room is not None:
            self._rooms[record.room.room_id]  # known from now on, as it is by default
        elif record.property is not None:
            self._capacity = record.property.capacity
            with contextlib.suppress(ZoneInfoNotFoundError, ValueError):  # an unknown zone changes nothing
                self._zone = ZoneInfo(record.property.time_zone)

    def apply(self, topic: str, fact: FactHeader, body: Record) -> None:
        """Fold one fact of `rooms`."""
        at = fact.occurred_at
        match body:
            case said.RoomStatusChanged():
                self._rooms[body.room_id].take(body.dimension, body.value, at)
            case said.NightAuditDone():
                if self._business_date is None or body.opened > self._business_date:
                    self._business_date = body.opened
            case said.ReservationMade():
                self._made(body, at)
                self._reservations[body.reservation_id].in_room(body.room_id, at)
            case said.RoomAssigned():
                self._reservations[body.reservation_id].in_room(body.room_id, at)
            case said.ReservationCancelled() | said.ReservationNoShow():
                self._reservations[body.reservation_id].take(body, at)
            case said.CheckedIn() | said.CheckedOut() | said.CheckInReversed() | said.CheckOutReversed():
                self._stay(body, at)
            case _:  # charges and discrepancies move no number here
                pass

    def _made(self, body: said.ReservationMade, at: int) -> None:
        one = self._reservations[body.reservation_id]
        if one.arrival is not None and one.departure is not None:
            self._arrivals[one.arrival].discard(body.reservation_id)
            self._departures[one.departure].discard(body.reservation_id)
        one.made(body.arrival, body.departure, body.adults + body.children + body.babies, at)
        assert one.arrival is not None
        assert one.departure is not None
        self._arrivals[one.arrival].add(body.reservation_id)
        self._departures[one.departure].add(body.reservation_id)

    def _stay(
        self, body: said.CheckedIn | said.CheckedOut | said.CheckInReversed | said.CheckOutReversed, at: int
    ) -> None:
        """Who is in the house. What a stay does to its room, the room agent says as facts of the room."""
        one = self._reservations[body.reservation_id]
        one.take(body, at)
        if isinstance(body, said.CheckedIn | said.CheckedOut):
            one.in_room(body.room_id, at)
        if one.status == "in_house":
            self._in_house.add(body.reservation_id)
        else:
            self._in_house.discard(body.reservation_id)

    def snapshot(self, vector: dict[str, int], as_of: int) -> list[OccupancyState]:
        """The house as of `as_of` (ms). Where no night audit was yet, the hotel's calendar date counts."""
        # Many rooms stand alike: each way is looked at once.
        rooms = Counter(room.standing for room in self._rooms.values()).items()
        staying = [self._reservations[one] for one in self._in_house]
        roomless = sum(one.room_id is None for one in staying)
        inventory = max(self._capacity, len(self._rooms))
        unnamed = inventory - len(self._rooms) - roomless
        date = self._date(as_of)
        arrivals = [self._reservations[one] for one in self._arrivals.get(date, ())] if date else []
        departures = [self._reservations[one] for one in self._departures.get(date, ())] if date else []
        arrived = [one for one in arrivals if one.status in STAYS]
        due = [one for one in departures if one.status in STAYS]
        return [
            OccupancyState(
                property_id=self._property_id,
                kind="occupancy",
                id="live",
                vector=vector,
                as_of=as_of,
                business_date=date,
                rooms=inventory,
                occupied=sum(n for (occupied, _, _), n in rooms if occupied) + roomless,
                out_of_order=sum(n for (_, block, _), n in rooms if block == "out_of_order"),
                out_of_service=sum(n for (_, block, _), n in rooms if block == "out_of_service"),
                dirty=sum(n for (_, _, keeping), n in rooms if keeping == "dirty"),
                ready=sum(n for one, n in rooms if one in READY) + max(0, unnamed),
                guests=sum(one.guests for one in staying),
                arrivals_expected=len(arrived) + sum(one.status == "made" for one in arrivals),
                arrivals_done=len(arrived),
                departures_expected=len(due),
                departures_done=sum(one.status == "checked_out" for one in due),
            )
        ]

    def remember(self) -> Iterator[tuple[str, bytes]]:
        """All of it, in parts for `recall`; nothing may be folded between them."""
        zone = self._zone.key if self._zone else None
        yield "house", msgspec.msgpack.encode((self._capacity, zone, self._business_date))
        yield from chunks("rooms", self._rooms.items())
        yield from chunks("reservations", self._reservations.items())

    def recall(self, part: str, chunk: bytes) -> None:
        """One part of what was remembered, into a new fold."""
        match part:
            case "house":
                self._capacity, zone, self._business_date = _HOUSE.decode(chunk)
                self._zone = ZoneInfo(zone) if zone else None
            case "rooms":
                self._rooms.update(_ROOMS.decode(chunk))
            case "reservations":
                for own, one in _RESERVATIONS.decode(chunk):
                    self._reservations[own] = one
                    if one.status == "in_house":
                        self._in_house.add(own)
                    if one.arrival is not None and one.departure is not None:
                        self._arrivals[one.arrival].add(own)
                        self._departures[one.departure].add(own)
            case _:
                raise ValueError(part)

    def _date(self, as_of: int) -> datetime.date | None:
        if self._business_date is not None or self._zone is None:
            return self._business_date
        return datetime.datetime.fromtimestamp(as_of / 1000, self._zone).date()
