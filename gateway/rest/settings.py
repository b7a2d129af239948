"""/api/settings: a hotel as it is set up: itself, its rooms, what can be asked for, weights, retention."""

from __future__ import annotations

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from fastapi import APIRouter, Depends, Response

from gateway.auth import Admin, Staff
from gateway.commands import check_id
from gateway.errors import Refused, forbidden, unknown
from gateway.outlet import write
from gateway.rest.hotel import InHotel
from gateway.rest.wire import MAX_BULK_BYTES, Written, body_of, give, told
from gateway.state import Live, State
from schemas import topics as T
from schemas.record import Id, Record
from schemas.records.settings import (
    CatalogueItem,
    PropertySettings,
    Retention,
    RoomSettings,
    RoutingWeights,
    SettingsRecord,
)

router = APIRouter(tags=["settings"])
MAX_RECORDS = 5000
# Sent together: one broker round trip for many instead of one each.
TOGETHER = 200
# Bounds of what agents reckon with; beyond them a promise or an expiry would lie past every calendar.
MOST_SECONDS, MOST_DAYS, MOST_CREDITS = 30 * 24 * 3600, 3650, 100.0
# The own tail is milliseconds behind the broker; past this the answer goes out all the same.
SEEN_SECONDS = 5.0


class Hotel(msgspec.Struct):
    """A hotel's settings."""

    property_id: str
    property: PropertySettings | None
    rooms: list[RoomSettings]
    items: list[CatalogueItem]
    weights: RoutingWeights
    retention: Retention
    cur: str


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """What shall hold from now on; what is not said stays. The same id again replaces."""

    property_id: Id
    property: PropertySettings | None = None
    rooms: Annotated[list[RoomSettings], msgspec.Meta(max_length=MAX_RECORDS)] = []
    items: Annotated[list[CatalogueItem], msgspec.Meta(max_length=MAX_RECORDS)] = []
    weights: RoutingWeights | None = None
    retention: Retention | None = None


@router.get("/api/settings", **told(Hotel, also=(404, 422)))
async def settings(claims: Staff, live: Live, hotel: InHotel) -> Response:
    """The hotel's settings, for staff."""
    rooms = sorted(hotel.room_settings.values(), key=lambda room: room.room_id)
    items = sorted(hotel.items.values(), key=lambda item: item.item)
    cur = live.hub.cursor(hotel.property_id)
    return give(Hotel(hotel.property_id, hotel.property, rooms, items, hotel.weights, hotel.retention, cur))


@router.post("/api/settings", **told(Written, Change, also=(404, 429, 503)))
async def change(
    claims: Admin, live: Live, body: Annotated[Change, Depends(body_of(Change, MAX_BULK_BYTES))]
) -> Response:
    """Sets a hotel up, or changes it; for admins and systems. A new hotel begins with `property`."""
    check(body)
    if not claims.in_property(body.property_id):
        raise forbidden("This property is not yours.")
    known = live.model.hotel(body.property_id)
    if body.property is None and (known is None or known.property is None):
        raise unknown("property", body.property_id)
    records = list(records_of(body))
    for start in range(0, len(records), TOGETHER):
        await asyncio.gather(
            *(
                write(
                    live, T.SETTINGS, body.property_id,
                    SettingsRecord(
                        property_id=body.property_id, kind=kind, id=own, at=live.clock(),
                        actor_id=claims.user_id, **{kind: record},  # type: ignore[arg-type]  # kind names it
                    ),
                    T.entity_key(body.property_id, kind, own),
                )
                for kind, own, record in records[start : start + TOGETHER]
            )
        )  # fmt: skip
    await _until_seen(live, body)
    return give(Written(len(records)))


async def _until_seen(live: State, body: Change) -> None:
    """Until this gateway knows the hotel, so that what its sender asks next is not "unknown property"."""
    deadline = asyncio.get_running_loop().time() + SEEN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        hotel = live.model.hotel(body.property_id)
        if (
            hotel is not None
            and hotel.property is not None
            and all(room.room_id in hotel.room_settings for room in body.rooms)
        ):
            return
        await asyncio.sleep(0.01)


def check(body: Change) -> None:
    """Refused 400 for an id that cannot be one, a time zone, currency or number that no hotel has."""
    _check_numbers(body)
    for own in (
        body.property_id,
        *(room.room_id for room in body.rooms),
        *(item.item for item in body.items),
    ):
        check_id(own)
    if ":" in body.property_id:
        raise Refused(400, "bad_id", "A hotel's id has no colon: names of channels part there.")
    if body.property is not None:
        try:
            ZoneInfo(body.property.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Refused(400, "invalid", "time_zone must be an IANA name like Europe/Lisbon.") from error
        currency = body.property.currency
        if len(currency) != 3 or not (currency.isascii() and currency.isupper()):
            raise Refused(400, "invalid", "currency must be an ISO 4217 code like EUR.")


def _check_numbers(body: Change) -> None:
    for item in body.items:
        if not 1 <= item.accept_within_s <= item.resolve_within_s <= MOST_SECONDS:
            raise Refused(400, "invalid", "An item is accepted, then completed, within 1 s to 30 days.")
        if not 0 <= item.credits <= MOST_CREDITS:
            raise Refused(400, "invalid", f"credits lie between 0 and {MOST_CREDITS:g}.")
    if body.weights is not None and not all(
        0 <= one <= MOST_CREDITS for one in msgspec.structs.astuple(body.weights)
    ):
        raise Refused(400, "invalid", f"Weights lie between 0 and {MOST_CREDITS:g}.")
    if body.retention is not None and not all(
        1 <= days <= MOST_DAYS for days in msgspec.structs.astuple(body.retention)
    ):
        raise Refused(400, "invalid", f"Notifications are kept for 1 to {MOST_DAYS} days.")


def records_of(body: Change) -> list[tuple[str, str, Record]]:
    """(kind, id, body) of each record that a change makes."""
    found: list[tuple[str, str, Record]] = []
    if body.property is not None:
        found.append(("property", body.property_id, body.property))
    found += [("room", room.room_id, room) for room in body.rooms]
    found += [("item", item.item, item) for item in body.items]
    if body.weights is not None:
        found.append(("weights", "weights", body.weights))
    if body.retention is not None:
        found.append(("retention", "retention", body.retention))
    return found
