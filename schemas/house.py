"""How facts of the house fold, for whoever folds them: the room agent and the gateways. Pure.

Whatever the order of arrival, the end is the same: a reservation has the highest status that was not reversed
since, everything else goes to the latest `occurred_at`, and at the same millisecond to the greater value. Any
rule would do there, so long as the order of arrival has no part in it; decided facts never meet it: their
time is after what they change.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.rooms import (
    HouseState,
    ReservationState,
    ReservationStatus,
    RoomState,
    RoomWord,
    StatusWord,
)

# What stays change, too: for these the words of others are kept apart.
DERIVED = ("front_office", "housekeeping")


def status_changed(room: RoomState, body: said.RoomStatusChanged, at: int) -> RoomState:
    """The room after a word on one dimension at `at` (ms)."""
    name = body.dimension
    if not body.derived and name in DERIVED:
        word = room.words.get(name)
        if word is None or (at, body.value) > (word.at, word.value):
            room = replace(room, words=room.words | {name: StatusWord(at=at, value=body.value)})
    values = told(body)
    known_at = room.changed_at.get(name)
    if known_at is None or at > known_at or (at == known_at and _greater(values, room)):
        room = replace(room, changed_at=room.changed_at | {name: at}, **values)
    if body.derived and name == "front_office":
        room = stayed(room, body.reservation_id, body.guest_id, at)
    return room


def told(body: said.RoomStatusChanged) -> dict[str, Any]:
    """What a word says of a room, by the fields of `RoomState`."""
    values: dict[str, Any] = {body.dimension: body.value}
    if body.dimension == "block":
        values |= {"block_reason": body.reason, "block_until": body.until}
    elif body.dimension == "seen":
        values["persons"] = body.persons
    return values


def stayed(room: RoomState, reservation_id: str | None, guest_id: str | None, at: int) -> RoomState:
    """Who is in the room, by the latest word: a late check-in of the guest before puts nobody back."""
    values = {"reservation_id": reservation_id, "guest_id": guest_id}
    known_at = room.changed_at.get("stay")
    if known_at is not None and (at < known_at or (at == known_at and not _greater(values, room))):
        return room
    return replace(room, changed_at=room.changed_at | {"stay": at}, **values)


def moved(room: RoomState, body: said.CheckedIn | said.CheckedOut, at: int) -> RoomState:
    """The room that a check-in or check-out names."""
    if isinstance(body, said.CheckedIn):
        return stayed(room, body.reservation_id, body.guest_id, at)
    return stayed(room, None, None, at)


def _greater(values: dict[str, Any], known: Record) -> bool:
    """Whether words of the same time take the place of the known ones: the greater does."""
    return [_order(new) for new in values.values()] > [_order(getattr(known, name)) for name in values]


def _order(value: Any) -> tuple[bool, Any]:
    return (value is not None, value or (0 if value is None else value))


def reserved(old: ReservationState, body: Record, at: int) -> ReservationState:
    """The reservation after one more fact."""
    match body:
        case said.ReservationMade():
            old = _made(old, body, at)
            return _guest(_room(old, body.room_id, at), body.guest_id, at)
        case said.ReservationCancelled():
            return _settled(old, body, at)
        case said.ReservationNoShow() | said.CheckInReversed() | said.CheckOutReversed():
            return _settled(old, body, at)
        case said.RoomAssigned():
            return _room(_marked(old, body, at), body.room_id, at)
        case said.CheckedIn():
            return _guest(_room(_settled(old, body, at), body.room_id, at), body.guest_id, at)
        case said.CheckedOut():
            return _room(_settled(old, body, at), body.room_id, at)
        case said.ChargeVoided():
            return _marked(old, body, at)
        case said.ChargePosted():
            return replace(old, charge_ids=sorted({*old.charge_ids, body.charge_id}))
    return old


def mark_of(body: Record, at: int) -> str:
    """How a reservation remembers that it heard this fact."""
    if isinstance(body, said.ChargeVoided):
        return f"ChargeVoided@{at}@{body.charge_id}"
    room_id, guest_id = getattr(body, "room_id", None) or "", getattr(body, "guest_id", None) or ""
    return f"{type(body).__name__}@{at}@{room_id}@{guest_id}"


def fingerprint(body: said.ReservationMade) -> str:
    """16 hex digits of what was said of a reservation, rates by their value."""
    plain = msgspec.json.encode(replace(body, rate=body.rate.normalize()))
    return hashlib.blake2b(plain, digest_size=8).hexdigest()


def _made(old: ReservationState, body: said.ReservationMade, at: int) -> ReservationState:
    # Dates first: the warehouse's view breaks a tie in this order too.
    values: dict[str, Any] = {
        "departure": body.departure,
        "arrival": body.arrival,
        "room_type": body.room_type,
        "adults": body.adults,
        "children": body.children,
        "babies": body.babies,
        "currency": body.currency,
        "complimentary": body.complimentary,
        "made_as": fingerprint(body),
    }
    known_at, changed_at = old.said_at.get("made"), max(at, old.changed_at)
    if known_at is not None and (at < known_at or (at == known_at and not _greater(values, old))):
        return replace(old, changed_at=changed_at)
    return replace(old, changed_at=changed_at, said_at=old.said_at | {"made": at}, **values)


def _room(old: ReservationState, room_id: str | None, at: int) -> ReservationState:
    """Its room by the latest word, whichever kind of fact said it."""
    if room_id is None:
        return old
    words = {(word.at, word.room_id) for word in old.rooms} | {(at, room_id)}
    told = [RoomWord(at=moment, room_id=room) for moment, room in sorted(words)]
    last = told[-1]
    return replace(old, rooms=told, room_id=last.room_id, said_at=old.said_at | {"room": last.at})


def _guest(old: ReservationState, guest_id: str | None, at: int) -> ReservationState:
    if guest_id is None or (at, guest_id) <= (old.said_at.get("guest", -1), old.guest_id or ""):
        return old
    return replace(old, guest_id=guest_id, said_at=old.said_at | {"guest": at})


def _settled(old: ReservationState, body: Record, at: int) -> ReservationState:
    """Its status after one more word on coming, going or not coming."""
    old = _marked(old, body, at)
    said_at = defaultdict[str, list[int]](list)
    for what, moment, _ in _heard(old):
        said_at[what].append(moment)
    uncame = max(said_at["CheckInReversed"], default=-1)
    unleft = max([uncame, *said_at["CheckOutReversed"]])
    came = [moment for moment in said_at["CheckedIn"] if moment > uncame]
    left = [moment for moment in said_at["CheckedOut"] if moment > unleft]
    missed: ReservationStatus = "cancelled" if said_at["ReservationCancelled"] else "made"
    missed = "no_show" if said_at["ReservationNoShow"] else missed
    return replace(
        old,
        status="checked_out" if left else "in_house" if came else missed,
        checked_in_at=min(came, default=None),
        checked_out_at=max(left, default=None),
        changed_at=max(at, old.changed_at),
    )


def reversed_at(one: ReservationState) -> int:
    """When its check-in or check-out was reversed last (ms); -1: never."""
    reversals = ("CheckInReversed", "CheckOutReversed")
    return max((at for what, at, _ in _heard(one) if what in reversals), default=-1)


def voided(one: ReservationState, charge_id: str) -> bool:
    """Whether this charge of it counts no more."""
    return any(what == "ChargeVoided" and own == charge_id for what, _, own in _heard(one))


def _heard(one: ReservationState) -> Iterator[tuple[str, int, str]]:
    """(fact, when in ms, what it names) of each of its marks: the other way of `mark_of`."""
    for mark in one.marks:
        what, at, names = mark.split("@", 2)
        yield what, int(at), names


def _marked(old: ReservationState, body: Record, at: int) -> ReservationState:
    return replace(old, marks=sorted({*old.marks, mark_of(body, at)}))


def audited(old: HouseState, body: said.NightAuditDone, at: int) -> HouseState:
    """The house after a night audit: the latest date opened counts, however late it is told."""
    known = (old.business_date or datetime.date.min, old.audited_at or 0)
    return HouseState(business_date=body.opened, audited_at=at) if (body.opened, at) > known else old
