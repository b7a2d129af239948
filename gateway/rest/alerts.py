"""/api/alerts: emergencies. A guest's button and the staff's board."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Response

from gateway import permissions
from gateway.auth import SignedIn
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.events import alert_for_house, for_house, plain
from gateway.rest.answers import Ask, Decided, ask
from gateway.rest.hotel import PAGE, After, InHotel, Limit, page
from gateway.rest.wire import body_of, give, told
from gateway.state import Live
from schemas.records.alerts import AlertState

router = APIRouter(tags=["alerts"])


class Alerts(msgspec.Struct):
    """Emergencies by id, each an AlertState, and whom to call when this page cannot send.

    What others called, a guest sees without who they are and what they wrote.
    """

    alerts: list[dict[str, Any]]
    emergency_phone: str
    cur: str
    next: str | None = None


def seen(claims: Claims, alert: AlertState) -> dict[str, Any] | None:
    """Staff see all; a guest what they raised, and what the whole house is told."""
    if claims.role != "guest" or claims.user_id == alert.raised_by:
        return dict(plain(alert))
    return alert_for_house(alert) if for_house(alert) else None


@router.get("/api/alerts", **told(Alerts, also=(404, 422)))
async def alerts(
    claims: SignedIn,
    live: Live,
    hotel: InHotel,
    open_only: bool = True,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """Emergencies; unless asked otherwise, those that are not over."""
    known = [
        (alert.alert_id, shown)
        for alert in hotel.alerts.values()
        if not (open_only and alert.status == "resolved") and (shown := seen(claims, alert)) is not None
    ]
    found, more = page(known, after, limit)
    phone = hotel.property.emergency_phone if hotel.property else ""
    return give(Alerts(found, phone, live.hub.cursor(hotel.property_id), more))


@router.post(
    "/api/alerts",
    **told(
        Decided, Ask, also=(202, 404, 409, 429, 503), commands=permissions.of("alerts") - {"alerts.announce"}
    ),
)
async def command(claims: SignedIn, live: Live, body: Annotated[Ask, Depends(body_of(Ask))]) -> Response:
    """`cmd`: raise_emergency, acknowledge, resolve."""
    if body.cmd == "announce":
        raise Refused(400, "unknown_command", "Announce at /api/announcements.")
    return await ask(live, claims, "alerts", body)
