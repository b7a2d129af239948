"""Facts of the bell, applied. Returns whose bell it is and which notification.

Who does not want a category in the bell gets it by push alone: it is on the log, not in the bell.
"""

from __future__ import annotations

from msgspec.structs import replace

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import notifications
from schemas.records.notifications import Channel, NotificationsFact, NotificationState

BELL: Channel = "bell"


def apply(hotel: Hotel, fact: NotificationsFact, offset: int) -> tuple[str, str] | None:
    """Applies one fact and says (user_id, notification_id)."""
    found = said(fact)
    if found is None:
        return None
    body = found[1]
    user_id = str(getattr(body, "user_id"))  # noqa: B009  # every body of this family has both
    notification_id = str(getattr(body, "notification_id"))  # noqa: B009
    if not hotel.reflects("notification", notification_id, offset):
        bell = hotel.notifications.setdefault(user_id, {})
        known = bell.get(notification_id)
        if isinstance(body, notifications.Notified):
            if BELL in body.channels:
                bell[notification_id] = NotificationState(
                    notification_id=notification_id, user_id=user_id, category=body.category,
                    title=body.title, body=body.body, link=body.link, channels=body.channels,
                    notified_at=fact.occurred_at, expires_at=body.expires_at,
                )  # fmt: skip
        elif isinstance(body, notifications.NotificationExpired):
            bell.pop(notification_id, None)
        elif known and isinstance(body, notifications.NotificationRead):
            bell[notification_id] = replace(known, status="read")
        elif known and known.status == "unseen":
            bell[notification_id] = replace(known, status="seen")
        hotel.versions["notification", notification_id] = offset
    return user_id, notification_id
