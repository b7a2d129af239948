"""From a record of the log to what clients are told: pure, the same at every gateway and at every replay.

The record is applied to the hotel first. `place` orders what one record says: 8 for each fact of the list,
plus the n-th event type of that fact, so that a cursor may stand inside an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.claims import FRONT_DESK
from gateway.payloads import EventType
from gateway.readmodel import alerts as fold_alerts
from gateway.readmodel import notifications as fold_notifications
from gateway.readmodel import rooms as fold_rooms
from gateway.readmodel import services as fold_services
from gateway.readmodel import staff as fold_staff
from gateway.readmodel.hotel import Hotel
from gateway.readmodel.notifications import BELL
from schemas.facts import said
from schemas.record import Record
from schemas.records.alerts import AlertsAnswer, AlertsFact, AlertState
from schemas.records.base import AnswerHeader, FactHeader
from schemas.records.chats import BODIES, ChatEvent
from schemas.records.folds import FoldHeader, OccupancyState, PerformanceState, RevenueState
from schemas.records.notifications import NotificationsAnswer, NotificationsFact
from schemas.records.operations import SystemAlert
from schemas.records.rooms import RoomsAnswer, RoomsFact, RoomState
from schemas.records.services import ServicesAnswer, ServicesFact
from schemas.records.staff import StaffAnswer, StaffFact

PLACES_PER_FACT = 8
# Emergencies that everybody in the house must know of; the others are for those who help.
HOUSE_KINDS = frozenset({"fire"})
HOUSE_SEES_NOT = frozenset({"note", "raised_by", "acknowledged_by"})
# Of a room and of a fact about it.
GUESTS_SEE = frozenset(
    {"room_id", "front_office", "housekeeping", "block", "guest_service", "dimension", "value"}
)
Answer = RoomsAnswer | ServicesAnswer | StaffAnswer | AlertsAnswer | NotificationsAnswer


@dataclass(frozen=True, slots=True)
class Said:
    """One event for these channels. `at` is ms; `id` the same wherever it is said.

    `began`: since when there is what it is about (ms); None: only now.
    """

    type: EventType
    channels: tuple[str, ...]
    id: str
    at: int
    place: int
    d: dict[str, Any]
    began: int | None = None


def plain(record: Record | None) -> Any:
    """The record as JSON-able values: dates ISO, money a string."""
    return None if record is None else msgspec.to_builtins(record)


def of_answer(hotel: Hotel, answer: AnswerHeader, offset: int, apply: bool = True) -> list[Said]:
    """Applies an answer that counts, fact by fact, and says what each became. `apply` False: a replay."""
    assert isinstance(answer, Answer)
    found: list[Said] = []
    for n, fact in enumerate(answer.facts):
        about = _apply(hotel, fact, offset, answer.actor_id) if apply else _about(fact)
        for k, (kind, channels, d) in enumerate(_of_fact(hotel, fact, about)):
            head = {"causation_id": answer.causation_id, "actor_id": answer.actor_id, "offset": offset}
            places = n * PLACES_PER_FACT + k
            began = (d.get("request") or {}).get("created_at")
            found.append(Said(kind, _once(channels), fact.fact_id, fact.occurred_at, places, head | d, began))
    if answer.verdict == "refused":
        # Its facts, if any, are of deadlines that came due before the command did.
        body = {"causation_id": answer.causation_id, "code": answer.code, "message": answer.why.sentence}
        asker, place = (f"user:{answer.actor_id}",), len(answer.facts) * PLACES_PER_FACT
        found.append(Said("command_rejected", asker, answer.event_id, answer.recorded_at, place, body))
    return found


def _once(channels: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(channels))


def _apply(hotel: Hotel, fact: FactHeader, offset: int, actor_id: str) -> Any:
    match fact:
        case RoomsFact():
            return fold_rooms.apply(hotel, fact, offset)
        case ServicesFact():
            return fold_services.apply(hotel, fact, offset)
        case StaffFact():
            return fold_staff.apply(hotel, fact, offset)
        case AlertsFact():
            return fold_alerts.apply(hotel, fact, offset, actor_id)
        case NotificationsFact():
            return fold_notifications.apply(hotel, fact, offset)
        case _:
            return None


def _about(fact: FactHeader) -> Any:
    """What a fact is about, without applying it: the same value that applying it gives."""
    return _apply(Hotel("replay"), fact, 0, "replay")


_Told = list[tuple[EventType, list[str], dict[str, Any]]]


def _of_fact(hotel: Hotel, fact: FactHeader, about: Any) -> _Told:
    found = said(fact)
    if found is None or about is None:
        return []
    h, change, body = hotel.property_id, found[0], plain(found[1])
    d = {"change": change, "fact": body}
    match fact:
        case RoomsFact():
            return _of_room(hotel, about, d)
        case ServicesFact():
            return _of_request(hotel, about, change, d)
        case StaffFact():
            shift = hotel.shifts.get(about)
            on = shift is not None and shift.ended_at is None
            d |= {"user_id": about, "on_duty": on, "shift": plain(shift)}
            return [("staff_online", [f"staff:{h}", f"ops:{h}", f"user:{about}"], d)]
        case AlertsFact():
            return _of_alert(hotel, about, change, d)
        case NotificationsFact():
            user_id, notification_id = about
            if BELL not in body.get("channels", [BELL]):
                return []  # by push alone
            bell = hotel.notifications.get(user_id, {}).get(notification_id)
            d |= {"notification_id": notification_id, "notification": plain(bell)}
            kind: EventType = "notification" if change == "notified" else "notification_updated"
            return [(kind, [f"user:{user_id}"], d)]
        case _:
            return []


def _of_room(hotel: Hotel, room_id: str, d: dict[str, Any]) -> _Told:
    h, room = hotel.property_id, hotel.rooms.get(room_id)
    version = {"version": hotel.versions.get(("room", room_id), 0)}
    told: _Told = [("room_status_changed", [f"staff:{h}", f"ops:{h}"], d | {"room": plain(room)} | version)]
    if d["change"] != "discrepancy_found" and d["fact"].get("dimension") != "seen":
        fact = {name: value for name, value in d["fact"].items() if name in GUESTS_SEE}
        shown = {"change": d["change"], "fact": fact, "room": room and room_for_guests(room)} | version
        told.append(("room_status_changed", [f"room:{h}:{room_id}"], shown))
    return told


def room_for_guests(room: RoomState) -> dict[str, Any]:
    """A room as a guest may see it: not who is or was in it, nor what the house finds odd."""
    return {name: value for name, value in plain(room).items() if name in GUESTS_SEE}


def _of_request(hotel: Hotel, request_id: str, change: str, d: dict[str, Any]) -> _Told:
    h, request = hotel.property_id, hotel.requests.get(request_id)
    d |= {"request": plain(request), "version": hotel.versions.get(("request", request_id), 0)}
    channels = [f"ops:{h}"]
    if request is not None:
        channels += [f"room:{h}:{request.room_id}", f"department:{h}:{request.department}"]
        channels.append(f"department:{h}:{FRONT_DESK}")
        channels += [f"user:{request.guest_id}"] if request.guest_id else []
    if staff_id := d["fact"].get("staff_id"):
        channels.append(f"user:{staff_id}")
    told: _Told = [("service_request_updated", channels, d)]
    if change == "assigned":
        told.append(("staff_assigned", channels, d))
    return told


def _of_alert(hotel: Hotel, about: tuple[str, str], change: str, d: dict[str, Any]) -> _Told:
    h, (kind, own) = hotel.property_id, about
    if kind == "announcement":
        announcement = hotel.announcements.get(own)
        d |= {"announcement": plain(announcement)}
        return [("announcement", [f"{'property' if d['fact']['audience'] == 'house' else 'staff'}:{h}"], d)]
    alert = hotel.alerts.get(own)
    version = {"version": hotel.versions.get(("alert", own), 0)}
    loud = change in ("emergency_raised", "emergency_realerted")
    name: EventType = "emergency_alert" if loud else "alert_updated"
    # And whoever raised it: a guest who waits for help sees that somebody is on the way.
    channels = [f"staff:{h}", f"ops:{h}", *([f"user:{alert.raised_by}"] if alert else ())]
    told: _Told = [(name, channels, d | {"alert": plain(alert)} | version)]
    if alert is not None and for_house(alert):
        shown = {"change": change, "fact": {"alert_id": own}, "alert": alert_for_house(alert)}
        told.append((name, [f"property:{h}"], shown | {"actor_id": None} | version))
    return told


def for_house(alert: AlertState) -> bool:
    """Whether everybody in the house must know of it: a fire. A drill stays with staff."""
    return not alert.drill and alert.kind in HOUSE_KINDS


def alert_for_house(alert: AlertState) -> dict[str, Any]:
    """An emergency as everybody in the house may see it: not who called, nor what they wrote."""
    return {name: value for name, value in plain(alert).items() if name not in HOUSE_SEES_NOT}


def of_chat(hotel: Hotel, event: ChatEvent, at: int) -> list[Said]:
    """What a chat event (applied, no repeat) becomes, at its broker time in ms."""
    thread = hotel.threads.get(event.thread_id)
    found = said_of(event)
    if thread is None or found is None:
        return []
    name, body = found
    own = f"thread:{event.thread_id}"
    people = [f"user:{member}" for member in sorted(thread.members)]
    if thread.opened.kind == "guest_department":
        people.append(f"department:{hotel.property_id}:{thread.opened.department}")
    if name == "message_sent":
        message = message_of(event, at)
        told = {"thread_id": event.thread_id, "change": name, "message_id": event.event_id, "at": at}
        return [
            Said("new_message", (own,), event.event_id, at, 0, message),
            Said("thread_updated", _once(people), event.event_id, at, 1, told),
        ]
    d = {"thread_id": event.thread_id, "change": name, "actor_id": event.actor_id, "fact": plain(body)}
    if name == "message_delivered":
        return [Said("message_delivered", (own,), event.event_id, at, 0, d)]
    if name == "message_read":
        return [Said("message_read", _once([own, *people]), event.event_id, at, 0, d)]
    return [Said("thread_updated", _once([own, *people]), event.event_id, at, 0, d)]


def message_of(event: ChatEvent, at: int) -> dict[str, Any]:
    """A message as clients see it; `at` is broker time in ms."""
    text = event.message_sent.text if event.message_sent else ""
    return {
        "message_id": event.event_id,
        "thread_id": event.thread_id,
        "actor_id": event.actor_id,
        "actor_role": event.actor_role,
        "device_id": event.device_id,
        "sequence": event.sequence,
        "claimed_at": event.claimed_at,
        "at": at,
        "text": text,
    }


def said_of(event: ChatEvent) -> tuple[str, Record] | None:
    """(name, body) of a chat event; None: newer than this reader."""
    for name in BODIES:
        body = getattr(event, name)
        if body is not None:
            return name, body
    return None


def of_fold(record: FoldHeader, topic: str, offset: int) -> list[Said]:
    """What a folder's absolute value becomes."""
    h = record.property_id
    kind: EventType = "service_load_updated"
    channels = [f"ops:{h}"]
    if isinstance(record, OccupancyState):
        kind = "occupancy_updated"
        channels.append(f"staff:{h}")
    elif isinstance(record, RevenueState):
        kind = "revenue_updated"
    elif isinstance(record, PerformanceState):
        kind = "staff_performance_updated"
        channels.append(f"user:{record.id}")
    return [Said(kind, tuple(channels), f"{topic}/{offset}", record.as_of, 0, plain(record))]


def of_system(alert: SystemAlert) -> list[Said]:
    """What a watchdog's word becomes, for the admins of its hotel."""
    return [
        Said("system_alert", (f"ops:{alert.property_id}",), alert.event_id, alert.at, 0, plain(alert)),
    ]
