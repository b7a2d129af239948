"""What all the words on a room come to, stays included, and what of them contradicts: functions of the state.

A stay changes its room: occupied from check-in, vacant and dirty from check-out, the same for a move. What
the state comes to is recorded as facts (`derived`) as soon as it differs from what the board shows, so that
everybody else folds words alone. Which of them were needed on the way hangs on the order in which facts were
heard; where they end does not, because they are made from the state, and the state does not hang on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schemas import house as fold
from schemas.records import rooms as said
from schemas.records.rooms import ReservationState, RoomState
from streams.rules.deciding import Said

if TYPE_CHECKING:
    from streams.rules.rooms import House

NOT_CLEAN = ("dirty", "pickup")


@dataclass(frozen=True, slots=True)
class Standing:
    """A room by all words. `since`: when the front office's value began, `kept`: housekeeping's (ms)."""

    front_office: said.FrontOffice
    since: int
    housekeeping: str
    kept: int
    stays: tuple[ReservationState, ...]
    """Who is in it, the latest arrival last; empty where the front office's own word says vacant."""


def standing(house: House, room_id: str) -> Standing:
    """The room by its words and stays. At the same millisecond a stay counts more than a word."""
    page = house.book.page(room_id)
    inside, left_at = sorted((begin, who) for who, begin in page.inside.items()), page.left_at
    office: said.FrontOffice = "occupied" if inside else "vacant"
    since = inside[-1][0] if inside else left_at
    words = house.room(room_id).words
    if (word := words.get("front_office")) and word.at > since and word.value != office:
        office, since, inside = ("vacant", word.at, []) if inside else ("occupied", word.at, [])
    kept, keeping = left_at, "dirty" if left_at >= 0 else "clean"
    if (word := words.get("housekeeping")) and word.at > kept:
        kept, keeping = word.at, word.value
    stays = tuple(house.reservations[reservation_id] for _, reservation_id in inside)
    return Standing(office, since, keeping, kept, stays)


def discrepancy(room: RoomState, now: Standing) -> tuple[said.DiscrepancyKind, str]:
    """What contradicts, the gravest of it, and the sentence a person would say."""
    occupied = now.front_office == "occupied"
    # What housekeeping saw before the guest came or left says nothing against it.
    seen = room.seen if room.changed_at.get("seen", -1) >= now.since else "unknown"
    if occupied and seen == "vacant":
        return "skip", "The front office says occupied, housekeeping saw nobody."
    if not occupied and seen == "occupied":
        return "sleep", "The front office says vacant, housekeeping saw somebody."
    if len(now.stays) > 1:
        names = ", ".join(one.reservation_id for one in now.stays)
        return "double_occupancy", f"Checked in at once: {names}."[:8_000]
    if occupied and room.block == "out_of_order":
        return "blocked", "It is occupied and out of order."
    if now.stays and now.housekeeping in NOT_CLEAN and now.kept <= now.since:
        return "not_ready", f"The guest came to a room that is {now.housekeeping}."
    booked = sum(one.adults + one.children for one in now.stays)
    if seen == "occupied" and room.persons is not None and 0 < booked != room.persons:
        return "person", f"Booked for {booked}, housekeeping counted {room.persons}."
    return "none", ""


def consequences(house: House, room_ids: Iterable[str], at: int) -> tuple[Said, ...]:
    """The facts that bring what is shown of these rooms to what stands; `at` (ms): of discrepancies found."""
    found: list[Said] = []
    for room_id in sorted(set(room_ids)):
        room, now = house.room(room_id), standing(house, room_id)
        last = now.stays[-1] if now.stays else None
        who = (last.reservation_id, last.guest_id) if last else (None, None)
        if (room.front_office, room.reservation_id, room.guest_id) != (now.front_office, *who):
            body = _derived(room_id, "front_office", now.front_office, "check-in" if last else "check-out")
            body = replace(body, reservation_id=who[0], guest_id=who[1])
            found.append(_in_time(room, body, now.since))
        if room.housekeeping != now.housekeeping:
            body = _derived(room_id, "housekeeping", now.housekeeping, "check-out")
            found.append(_in_time(room, body, now.kept))
        kind, reason = discrepancy(room, now)
        if (room.discrepancy, room.discrepancy_reason) != (kind, reason):
            told = said.DiscrepancyFound(room_id=room_id, kind=kind, reason=reason)
            found.append(Said("discrepancy_found", told, at))
    return tuple(found)


def _derived(room_id: str, dimension: said.Dimension, value: str, reason: str) -> said.RoomStatusChanged:
    return said.RoomStatusChanged(
        room_id=room_id, dimension=dimension, value=value, reason=reason, derived=True
    )


def _in_time(room: RoomState, body: said.RoomStatusChanged, at: int) -> Said:
    """The fact at its moment; where a word that no longer holds came later, right after that."""
    after = fold.status_changed(room, body, at)
    shown = (getattr(after, body.dimension), after.reservation_id, after.guest_id)
    wanted = (body.value, body.reservation_id, body.guest_id)
    if shown[0] != wanted[0] or (body.dimension == "front_office" and shown != wanted):
        at = max(room.changed_at.get(body.dimension, -1), room.changed_at.get("stay", -1)) + 1
    return Said("room_status_changed", body, at)
