"""/api/people: names behind the ids, and who is here."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Response

from gateway import people
from gateway.auth import Admin, SignedIn
from gateway.commands import check_id, hotel_of
from gateway.outlet import write
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import MAX_BULK_BYTES, Written, body_of, give, told
from gateway.state import Live
from schemas import topics as T
from schemas.record import Id
from schemas.records.people import PeopleRecord, Person
from schemas.records.staff import ShiftState

router = APIRouter(tags=["people"])
MAX_PEOPLE = 1000


class People(msgspec.Struct):
    """People by id: user_id, name, role, departments; to staff also language and room. Who is on duty."""

    people: list[dict[str, Any]]
    shifts: list[ShiftState]
    cur: str
    next: str | None = None


class Named(msgspec.Struct, forbid_unknown_fields=True):
    """People to name; the same id again replaces."""

    property_id: Id
    people: Annotated[list[Person], msgspec.Meta(min_length=1, max_length=MAX_PEOPLE)]


@router.get("/api/people", **told(People, also=(404, 422)))
async def everyone(
    claims: SignedIn, live: Live, hotel: InHotel, after: After = "", limit: Limit = PAGE
) -> Response:
    """Staff see everyone of the hotel; a guest the staff, and themselves."""
    to_staff = claims.role != "guest"
    known = [
        (person.user_id, people.visible(person, to_staff))
        for person in hotel.people.values()
        if to_staff or person.role != "guest" or person.user_id == claims.user_id
    ]
    found, more = page(known, after, limit)
    shifts = [shift for shift in hotel.shifts.values() if shift.ended_at is None] if to_staff else []
    return give(People(found, shifts[:limit], live.hub.cursor(hotel.property_id), more))


@router.post("/api/people", **told(Written, Named, also=(404, 429, 503)))
async def name(
    claims: Admin, live: Live, body: Annotated[Named, Depends(body_of(Named, MAX_BULK_BYTES))]
) -> Response:
    """Names people, for admins and systems."""
    property_id = hotel_of(live, claims, body.property_id)
    for person in body.people:
        check_id(person.user_id)
    for person in body.people:
        record = PeopleRecord(
            property_id=property_id, kind="person", id=person.user_id, at=live.clock(), person=person
        )
        await write(live, T.PEOPLE, property_id, record, T.entity_key(property_id, "person", person.user_id))
    return give(Written(len(body.people)))
