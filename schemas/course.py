"""How far a reservation came, by what was said of it in any order. Pure.

Guarantee 5: cancelled and no-show over made, checked out over in, a stay over a cancellation. What was
reversed up to a moment does not count; at the same millisecond the reversal holds.
"""

from __future__ import annotations

import msgspec

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.rooms import ReservationStatus

STAYS: tuple[ReservationStatus, ...] = ("in_house", "checked_out")


class Course(msgspec.Struct, array_like=True, gc=False):
    """The latest of each word (ms; -1: never said). `missed`: made, cancelled or no_show."""

    missed: ReservationStatus = "made"
    came: int = -1
    left: int = -1
    uncame: int = -1
    unleft: int = -1

    def take(self, body: Record, at: int) -> None:
        """One more word. Any other fact changes nothing."""
        match body:
            case said.CheckedIn():
                self.came = max(self.came, at)
            case said.CheckedOut():
                self.left = max(self.left, at)
            case said.CheckInReversed():
                self.uncame = max(self.uncame, at)
            case said.CheckOutReversed():
                self.unleft = max(self.unleft, at)
            case said.ReservationNoShow():
                self.missed = "no_show"
            case said.ReservationCancelled() if self.missed == "made":
                self.missed = "cancelled"
            case _:
                pass

    @property
    def status(self) -> ReservationStatus:
        """The highest that was said and not reversed since."""
        if self.left > max(self.uncame, self.unleft):
            return "checked_out"
        return "in_house" if self.came > self.uncame else self.missed
