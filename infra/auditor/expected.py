"""What the log makes channels say: the gateway's own pure function over facts, for the channels of canaries.

A canary hears no thread and nobody's own channel, so chats and notifications are not audited.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway import events
from gateway.readmodel.hotel import Hotel
from infra.auditor.ledger import Said
from schemas import topics
from schemas.facts import counts
from schemas.records.alerts import AlertsAnswer
from schemas.records.base import AnswerHeader

TOPICS = (topics.ROOMS, topics.SERVICES, topics.STAFF, topics.ALERTS)
KINDS = ("property", "staff", "ops")
# Whose record a type of event comes from. Presence says `staff_online` too, without a cursor.
TOPIC_OF = {
    "room_status_changed": topics.ROOMS.name,
    "service_request_updated": topics.SERVICES.name,
    "staff_assigned": topics.SERVICES.name,
    "staff_online": topics.STAFF.name,
    "emergency_alert": topics.ALERTS.name,
    "alert_updated": topics.ALERTS.name,
    "announcement": topics.ALERTS.name,
}
# Open emergencies are few; what lies behind so many newer ones is over.
MOST_ALERTS = 1_000


def channels(property_id: str) -> tuple[str, ...]:
    """What canaries hear of a hotel."""
    return tuple(f"{kind}:{property_id}" for kind in KINDS)


def expected(
    hotel: Hotel, answer: AnswerHeader, topic: str, offset: int, stamp: int
) -> Iterator[tuple[str, Said]]:
    """(channel, event) of each event that this record makes a canary hear. `stamp`: broker's time, ms.

    Only emergencies are folded into `hotel`: who hears of one depends on how it began.
    """
    if not counts(answer, offset):
        return
    unknown = set[str]()
    if isinstance(answer, AlertsAnswer):
        unknown = _unknown(hotel, answer)
    told = events.of_answer(hotel, answer, offset, apply=isinstance(answer, AlertsAnswer))
    heard = channels(hotel.property_id)
    for one in told:
        said = Said(one.type, one.id, topic, offset, one.place, stamp)
        for channel in one.channels:
            if channel in heard:
                yield channel, said
        if one.id in unknown:  # raised before the auditor looked: perhaps a fire
            maybe = Said(one.type, one.id, topic, offset, one.place, stamp, must=False)
            yield f"property:{hotel.property_id}", maybe
    _forget(hotel)


def _unknown(hotel: Hotel, answer: AlertsAnswer) -> set[str]:
    """Ids of the facts about emergencies of which the auditor does not know how they began."""
    known, found = set(hotel.alerts), set[str]()
    for fact in answer.facts:
        if fact.emergency_raised is not None:
            known.add(fact.emergency_raised.alert_id)
            continue
        body = fact.emergency_realerted or fact.emergency_acknowledged or fact.emergency_resolved
        if body is not None and body.alert_id not in known:
            found.add(fact.fact_id)
    return found


def _forget(hotel: Hotel) -> None:
    hotel.announcements.clear()
    while len(hotel.alerts) > MOST_ALERTS:
        del hotel.alerts[next(iter(hotel.alerts))]
    if len(hotel.versions) > 2 * MOST_ALERTS:
        hotel.versions.clear()
