"""Of each room: who is in it, when others left it, who is to come. Follows from the reservations alone.

A room is asked for this with every fact that touches it, so the answer may not hang on how many have stayed
in it: a search through all of them made a fact 1.6 times as dear once a room had 27 stays behind it, not 3.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from dataclasses import dataclass, field

from schemas.records.rooms import ReservationState, RoomWord


@dataclass(slots=True)
class Page:
    """One room. `inside`: reservation -> since when (ms); `left`: when somebody left (ms), sorted."""

    inside: dict[str, int] = field(default_factory=dict)
    left: array[int] = field(default_factory=lambda: array("q"))
    awaited: set[str] = field(default_factory=set)

    @property
    def left_at(self) -> int:
        """When it was left last (ms); -1: never."""
        return self.left[-1] if self.left else -1


NOBODY = Page()


@dataclass(slots=True)
class Book:
    """All rooms of a hotel."""

    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, room_id: str) -> Page:
        """The room's; not to be changed."""
        return self.pages.get(room_id, NOBODY)

    def enter(self, one: ReservationState) -> None:
        """Take a reservation in."""
        if room := _awaited_in(one):
            self._own(room).awaited.add(one.reservation_id)
        for room, begin, end in segments(one):
            if end is None:
                self._own(room).inside[one.reservation_id] = begin
            else:
                insort(self._own(room).left, end)

    def strike(self, one: ReservationState) -> None:
        """Take it out again, as it was entered."""
        if room := _awaited_in(one):
            self._own(room).awaited.discard(one.reservation_id)
        for room, _, end in segments(one):
            page = self._own(room)
            if end is None:
                del page.inside[one.reservation_id]
            else:
                del page.left[bisect_left(page.left, end)]

    def _own(self, room_id: str) -> Page:
        return self.pages.setdefault(room_id, Page())


def _awaited_in(one: ReservationState) -> str:
    return one.room_id or "" if one.status == "made" else ""


def segments(one: ReservationState) -> list[tuple[str, int, int | None]]:
    """(room, from, to in ms) of a stay; `to` is null while it lasts. Empty: room or moment is unknown."""
    came, left = one.checked_in_at, one.checked_out_at
    if not one.rooms or (came is None and left is None):
        return []
    begin = came if came is not None else left or 0
    end = None if left is None else max(left, begin)
    room = _room_at(one.rooms, begin)
    found: list[tuple[str, int, int | None]] = []
    for word in one.rooms:
        if word.at <= begin or word.room_id == room or (end is not None and word.at >= end):
            continue
        found.append((room, begin, word.at))
        room, begin = word.room_id, word.at
    found.append((room, begin, end))
    if end is not None and (last := _room_at(one.rooms, end)) != room:
        found.append((last, end, end))  # left from another room than was known: both are vacant
    return found


def _room_at(words: list[RoomWord], at: int) -> str:
    """The room by the latest word up to `at`; told only later: by the first word."""
    said_by_then = [word.room_id for word in words if word.at <= at]
    return said_by_then[-1] if said_by_then else words[0].room_id
