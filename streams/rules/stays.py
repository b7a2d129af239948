"""Who of a hotel's guests stays there now: the little of a stay that whoever tells people things looks at."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.course import Course
from schemas.facts import said
from schemas.records import rooms
from schemas.records.rooms import ReservationStatus, RoomsFact


class Stay(Course):
    """A reservation's status and guest. They fold as `schemas.house.reserved` does, whatever the order."""

    guest_at: int = -1
    guest_id: str = ""


@dataclass(slots=True)
class Stays:
    """Every reservation of one hotel, also what is over: a late check-in brings nobody back."""

    _by_id: dict[str, Stay] = field(default_factory=dict)
    # guest -> their reservations
    _of: dict[str, set[str]] = field(default_factory=dict)

    def take(self, fact: RoomsFact) -> None:
        """Fold one fact of `rooms`. Twice the same changes nothing."""
        found = said(fact)
        own: str | None = getattr(found[1], "reservation_id", None) if found else None
        if found is None or own is None or isinstance(found[1], rooms.RoomStatusChanged):
            return  # of rooms, the night or money; who is in a room follows from stays
        body, at = found[1], fact.occurred_at
        stay = self._by_id.setdefault(own, Stay())
        stay.take(body, at)
        guest_id: str | None = getattr(body, "guest_id", None)
        if guest_id is not None and (at, guest_id) > (stay.guest_at, stay.guest_id):
            if stay.guest_id:
                self._of[stay.guest_id].discard(own)
            stay.guest_at, stay.guest_id = at, guest_id
            self._of.setdefault(guest_id, set()).add(own)

    def away(self, guest_id: str) -> bool:
        """Whether they have reservations and none of them is on. Of whom none is known, nobody knows."""
        found = self._statuses(guest_id)
        return bool(found) and "in_house" not in found

    def left(self, guest_id: str) -> bool:
        """Whether a stay of theirs is over and none is on."""
        found = self._statuses(guest_id)
        return "checked_out" in found and "in_house" not in found

    def _statuses(self, guest_id: str) -> set[ReservationStatus]:
        return {self._by_id[own].status for own in self._of.get(guest_id, ())}
