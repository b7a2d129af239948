"""What the occupancy fold keeps of a reservation: a lattice, so that no order of arrival changes the end."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from schemas.records.rooms import ReservationStatus

# made < cancelled, no_show; made < in_house < checked_out. A stay that happened beats a cancellation.
RANK: dict[ReservationStatus, int] = {
    "made": 0,
    "cancelled": 1,
    "no_show": 2,
    "in_house": 3,
    "checked_out": 4,
}


@dataclass(slots=True)
class Reservation:
    """One reservation as far as occupancy needs it; times in ms, null where no fact said it yet."""

    status: ReservationStatus = "made"
    arrival: datetime.date | None = None
    departure: datetime.date | None = None
    guests: int = 0
    room_id: str | None = None
    room_said_at: int = -1
    checked_in_at: int | None = None
    checked_out_at: int | None = None

    def climb(self, status: ReservationStatus) -> None:
        """Take the status, unless a higher one is known."""
        if RANK[status] > RANK[self.status]:
            self.status = status

    def in_room(self, room_id: str | None, at: int) -> None:
        """The room, by the latest word on it."""
        if room_id is not None and at >= self.room_said_at:
            self.room_id, self.room_said_at = room_id, at
