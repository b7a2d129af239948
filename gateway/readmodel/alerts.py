"""Facts of emergencies and announcements, applied."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import alerts
from schemas.records.alerts import AlertsFact, AlertState, AnnouncementState

# The alert agent rings no more often than this (a test holds both to the same number).
REALERT_AT_MOST = 30


def apply(hotel: Hotel, fact: AlertsFact, offset: int, actor_id: str) -> tuple[str, str] | None:
    """Applies one fact by this actor and says (kind, id) of what it changed."""
    found = said(fact)
    if found is None:
        return None
    body, at = found[1], fact.occurred_at
    if isinstance(body, alerts.Announced):
        hotel.announcements[body.announcement_id] = AnnouncementState(
            announcement_id=body.announcement_id, audience=body.audience, title=body.title, body=body.body,
            until=body.until, made_by=actor_id, made_at=at,
        )  # fmt: skip
        hotel.versions["announcement", body.announcement_id] = offset
        return "announcement", body.announcement_id
    alert_id = str(getattr(body, "alert_id"))  # noqa: B009  # every other body of this family has it
    if not hotel.reflects("alert", alert_id, offset):
        if isinstance(body, alerts.EmergencyRaised):
            hotel.alerts[alert_id] = AlertState(
                alert_id=alert_id, kind=body.kind, room_id=body.room_id, location=body.location,
                note=body.note, drill=body.drill, raised_by=actor_id, raised_at=at,
                realert_at=body.realert_at,
            )  # fmt: skip
        elif alert := hotel.alerts.get(alert_id):
            hotel.alerts[alert_id] = replace(alert, **_changes(body, at))
        hotel.versions["alert", alert_id] = offset
    return "alert", alert_id


def _changes(body: object, at: int) -> dict[str, Any]:
    match body:
        case alerts.EmergencyRealerted():
            last = body.times >= REALERT_AT_MOST
            return {"times": body.times, "realert_at": None if last else body.realert_at}
        case alerts.EmergencyAcknowledged():
            return {
                "status": "acknowledged", "acknowledged_by": body.staff_id, "acknowledged_at": at,
                "realert_at": None,
            }  # fmt: skip
        case alerts.EmergencyResolved():
            return {"status": "resolved", "resolved_at": at, "realert_at": None}
        case _:
            return {}
