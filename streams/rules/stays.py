"""Who of a hotel's guests stays there now: the little of a stay that whoever tells people things looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.facts import said
from schemas.house import RANK
from schemas.record import Record
from schemas.records import rooms
from schemas.records.rooms import ReservationStatus, RoomsFact

_STATUS: dict[type[Record], ReservationStatus] = {
    rooms.ReservationCancelled: "cancelled",
    rooms.ReservationNoShow: "no_show",
    rooms.CheckedIn: "in_house",
    rooms.CheckedOut: "checked_out",
}


class Stay(NamedTuple):
    """A reservation's status and guest. They fold as `schemas.house.reserved` does, whatever the order."""

    status: ReservationStatus = "made"
    guest_at: int = -1
    guest_id: str = ""


@dataclass(slots=True)
class Stays:
    """Every reservation of one hotel, also what is over: a late check-in brings nobody back."""

    _by_id: dict[str, Stay] = field(default_factory=dict)
    # guest -> their reservations, in the house and over
    _here: dict[str, set[str]] = field(default_factory=dict)
    _over: dict[str, set[str]] = field(default_factory=dict)

    def take(self, fact: RoomsFact) -> None:
        """Fold one fact of `rooms`. Twice the same changes nothing."""
        found = said(fact)
        own: str | None = getattr(found[1], "reservation_id", None) if found else None
        if found is None or own is None or isinstance(found[1], rooms.RoomStatusChanged):
            return  # of rooms, the night or money; who is in a room follows from stays
        old = self._by_id.get(own, Stay())
        new = _after(old, found[1], fact.occurred_at)
        if new == old:
            return
        self._by_id[own] = new
        self._forget(own, old)
        if new.guest_id and new.status == "in_house":
            self._here.setdefault(new.guest_id, set()).add(own)
        elif new.guest_id and new.status == "checked_out":
            self._over.setdefault(new.guest_id, set()).add(own)

    def here(self, guest_id: str) -> bool:
        """Whether a stay of theirs is on."""
        return guest_id in self._here

    def left(self, guest_id: str) -> bool:
        """Whether a stay of theirs is over and none is on. Of whom no stay is known, nobody knows."""
        return guest_id in self._over and guest_id not in self._here

    def _forget(self, own: str, old: Stay) -> None:
        for by_guest in (self._here, self._over):
            ids = by_guest.get(old.guest_id)
            if ids is not None:
                ids.discard(own)
                if not ids:
                    del by_guest[old.guest_id]


def _after(old: Stay, body: Record, at: int) -> Stay:
    status = _STATUS.get(type(body), "made")
    if RANK[status] > RANK[old.status]:
        old = old._replace(status=status)
    guest_id: str | None = getattr(body, "guest_id", None)
    if guest_id is not None and (at, guest_id) > (old.guest_at, old.guest_id):
        old = old._replace(guest_at=at, guest_id=guest_id)
    return old
