"""/api/properties: the hotels that one may look at. With several, each request says which is meant."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from gateway.auth import SignedIn
from gateway.rest.hotel import PAGE, After, Limit, page
from gateway.rest.wire import give, told
from gateway.state import Live

router = APIRouter(tags=["hotels"])


class Property(msgspec.Struct):
    """A hotel by its id, and what it is called."""

    property_id: str
    name: str


class Properties(msgspec.Struct):
    """Hotels that are set up, by id."""

    properties: list[Property]
    next: str | None = None


@router.get("/api/properties", **told(Properties, also=(422,)))
async def properties(claims: SignedIn, live: Live, after: After = "", limit: Limit = PAGE) -> Response:
    """The hotels of one's token: its own, or all with a token for the whole group."""
    known = [
        (own, Property(own, hotel.property.name))
        for own, hotel in live.model.hotels.items()
        if hotel.property is not None and claims.in_property(own)
    ]
    found, more = page(known, after, limit)
    return give(Properties(found, more))
