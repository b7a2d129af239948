"""/api/announcements: a word to the house, or to those who work in it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response

from gateway import stays
from gateway.auth import SignedIn
from gateway.errors import Refused
from gateway.rest.answers import Ask, Decided, ask
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import body_of, give, told
from gateway.state import Live
from schemas.records.alerts import AnnouncementState

router = APIRouter(tags=["announcements"])


class Announcements(msgspec.Struct):
    """Announcements by id."""

    announcements: list[AnnouncementState]
    cur: str
    next: str | None = None


@router.get("/api/announcements", **told(Announcements, also=(404, 422)))
async def announcements(
    claims: SignedIn, live: Live, hotel: InHotel, after: After = "", limit: Limit = PAGE
) -> Response:
    """What is announced now, to those it is for: not to guests whose stay is over."""
    now = live.clock()
    known = [
        (one.announcement_id, one)
        for one in hotel.announcements.values()
        if one.until > now
        and (one.audience == "house" or claims.role != "guest")
        and not stays.over(claims, hotel)
    ]
    found, more = page(known, after, limit)
    return give(Announcements(found, live.hub.cursor(hotel.property_id), more))


@router.post(
    "/api/announcements", **told(Decided, Ask, also=(202, 404, 409, 429, 503), commands={"alerts.announce"})
)
async def command(claims: SignedIn, live: Live, body: Annotated[Ask, Depends(body_of(Ask))]) -> Response:
    """`cmd`: announce."""
    if body.cmd != "announce":
        raise Refused(400, "unknown_command", "Here one can only announce.")
    return await ask(live, claims, "alerts", body)
