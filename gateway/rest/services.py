"""/api/services: requests of guests, and every step of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from gateway import permissions, stays
from gateway.auth import SignedIn
from gateway.claims import Claims
from gateway.readmodel.hotel import Hotel
from gateway.rest.answers import Ask, Decided, ask
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import body_of, give, told
from gateway.state import Live
from schemas.records.services import RequestState
from schemas.records.settings import CatalogueItem

router = APIRouter(tags=["services"])


class Requests(msgspec.Struct):
    """Requests by id, what can be asked for, and the place in the log they reflect."""

    requests: list[RequestState]
    catalogue: list[CatalogueItem]
    cur: str
    next: str | None = None


def sees(claims: Claims, hotel: Hotel, request: RequestState) -> bool:
    """Guests see their own and their room's of their time, staff their departments' and what they have.

    The front desk sees all, and hears of all on its channel.
    """
    if claims.role == "guest":
        return stays.knows(claims, hotel, request)
    return (
        claims.role == "system"
        or claims.works_in(request.department)
        or claims.at_desk
        or request.staff_id == claims.user_id
    )


_OVER = ("completed", "cancelled")


@router.get("/api/services", **told(Requests, also=(404, 422)))
async def requests(
    claims: SignedIn,
    live: Live,
    hotel: InHotel,
    department: Annotated[str, Query(max_length=300)] = "",
    open_only: bool = False,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """The requests one may see, by id."""
    seen = [
        (request.request_id, request)
        for request in hotel.requests.values()
        if sees(claims, hotel, request)
        and (not department or request.department == department)
        and not (open_only and request.status in _OVER)
    ]
    found, more = page(seen, after, limit)
    catalogue = sorted(hotel.items.values(), key=lambda item: item.item)
    return give(Requests(found, catalogue, live.hub.cursor(hotel.property_id), more))


@router.post(
    "/api/services", **told(Decided, Ask, also=(202, 404, 409, 429, 503), commands=permissions.of("services"))
)
async def command(claims: SignedIn, live: Live, body: Annotated[Ask, Depends(body_of(Ask))]) -> Response:
    """`cmd`: request, assign, accept, start, complete, release, cancel, reopen, rate."""
    return await ask(live, claims, "services", body)
