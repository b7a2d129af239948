"""What a channel's listener should know to begin with: the read model as of the hub's vector."""

from __future__ import annotations

from typing import Any

from gateway import stays
from gateway.channels import Channel
from gateway.claims import EVERY_PROPERTY, FRONT_DESK, Claims
from gateway.events import alert_for_house, for_house, message_of, plain, room_for_guests
from gateway.presence import Presence
from gateway.readmodel.hotel import Hotel, Thread
from gateway.readmodel.model import ReadModel
from schemas.records.operations import SystemAlert

SNAPSHOT_MESSAGES = 100
SNAPSHOT_NOTIFICATIONS = 200
_CLOSED = ("completed", "cancelled")


def of(channel: Channel, claims: Claims, model: ReadModel, presence: Presence, now: int) -> dict[str, Any]:
    """{noun: [entities]}; entities carry `version` where events about them do. `now` is ms."""
    hotel = model.hotel(channel.property_id)
    if hotel is None:
        return {}
    match channel.kind:
        case "property":
            told = () if stays.over(claims, hotel) else ("house",)
            return {
                "property": plain(hotel.property),
                "announcements": _announcements(hotel, told, now),
                "alerts": [
                    alert_for_house(one) | {"version": hotel.versions.get(("alert", one.alert_id), 0)}
                    for one in hotel.alerts.values()
                    if one.status != "resolved" and for_house(one)
                ],
            }
        case "staff":
            return _staff(hotel, presence, now)
        case "department":
            threads = [
                one
                for one in hotel.threads.values()
                if one.opened.kind == "guest_department" and one.opened.department == channel.id
            ]
            requests = _requests(hotel, lambda one: channel.id in (one.department, FRONT_DESK))
            return {"requests": requests, "threads": [thread_of(one) for one in threads if not one.closed]}
        case "ops":
            return _staff(hotel, presence, now) | {
                "requests": _requests(hotel, lambda one: True),
                "occupancy": plain(hotel.occupancy),
                "service_load": [plain(one) for one in hotel.loads.values()],
                "performance": [plain(one) for one in hotel.performance.values()],
                "revenue": [plain(hotel.revenue[day]) for day in sorted(hotel.revenue)[-30:]],
                "system_alerts": _by_time([*hotel.system_alerts, *_group_alerts(model)]),
            }
        case "room":
            guest = claims.role == "guest"
            requests = _requests(
                hotel,
                lambda one: one.room_id == channel.id and (not guest or stays.knows(claims, hotel, one)),
            )
            rooms = [channel.id] if channel.id in hotel.rooms else []
            shown = [_as_guests_see(hotel, one) for one in rooms]
            return {"rooms": shown, "requests": requests}
        case "user":
            return _user(hotel, channel.id)
        case "thread":
            thread = hotel.threads[channel.id]
            messages = [
                message_of(one, thread.said_at[one.event_id]) for one in thread.messages[-SNAPSHOT_MESSAGES:]
            ]
            earlier = len(thread.offsets) > len(messages)  # these are at /api/chat/messages
            return {"thread": thread_of(thread), "messages": messages, "earlier": earlier}


def _as_guests_see(hotel: Hotel, room_id: str) -> dict[str, Any]:
    version = {"version": hotel.versions.get(("room", room_id), 0)}
    return room_for_guests(hotel.rooms[room_id]) | version


def _staff(hotel: Hotel, presence: Presence, now: int) -> dict[str, Any]:
    return {
        "rooms": [_versioned(hotel, "room", room, one) for one, room in hotel.rooms.items()],
        "alerts": [
            _versioned(hotel, "alert", one, one.alert_id)
            for one in hotel.alerts.values()
            if one.status != "resolved"
        ],
        "announcements": _announcements(hotel, ("house", "staff"), now),
        "shifts": [plain(one) for one in hotel.shifts.values() if one.ended_at is None],
        "occupancy": plain(hotel.occupancy),
        "online": presence.online(hotel.property_id),
    }


def group_alerts(model: ReadModel) -> list[dict[str, Any]]:
    """What watchdogs said of the whole group, oldest first: no hotel's cursor covers it."""
    return _by_time(_group_alerts(model))


def _group_alerts(model: ReadModel) -> list[SystemAlert]:
    group = model.hotel(EVERY_PROPERTY)
    return group.system_alerts if group else []


def _by_time(said: list[SystemAlert]) -> list[dict[str, Any]]:
    return [plain(one) for one in sorted(said, key=lambda one: one.at)]


def _user(hotel: Hotel, user_id: str) -> dict[str, Any]:
    bell = sorted(hotel.notifications.get(user_id, {}).values(), key=lambda one: one.notified_at)
    threads = [one for one in hotel.threads.values() if user_id in one.members and not one.closed]
    return {
        "notifications": [plain(one) for one in bell[-SNAPSHOT_NOTIFICATIONS:]],
        "threads": [thread_of(one) for one in threads],
        "requests": _requests(hotel, lambda one: user_id in (one.guest_id, one.staff_id)),
        "alerts": [
            _versioned(hotel, "alert", one, one.alert_id)
            for one in hotel.alerts.values()
            if one.raised_by == user_id and one.status != "resolved"
        ],
    }


def thread_of(thread: Thread) -> dict[str, Any]:
    """A thread without its messages."""
    last = thread.messages[-1] if thread.messages else None
    return {
        "thread_id": thread.thread_id,
        "kind": thread.opened.kind,
        "subject": thread.opened.subject,
        "department": thread.opened.department,
        "guest_id": thread.opened.guest_id,
        "members": sorted(thread.members),
        "opened_by": thread.opened_by,
        "opened_at": thread.opened_at,
        "closed": thread.closed,
        "delivered": thread.delivered.ids,
        "reads": thread.reads.ids,
        "last_message_id": last.event_id if last else None,
        "last_at": thread.said_at[last.event_id] if last else thread.opened_at,
    }


def _requests(hotel: Hotel, wanted: Any) -> list[dict[str, Any]]:
    open_ones = (one for one in hotel.requests.values() if one.status not in _CLOSED and wanted(one))
    return [_versioned(hotel, "request", one, one.request_id) for one in open_ones]


def _announcements(hotel: Hotel, audiences: tuple[str, ...], now: int) -> list[dict[str, Any]]:
    return [
        plain(one) for one in hotel.announcements.values() if one.audience in audiences and one.until > now
    ]


def _versioned(hotel: Hotel, kind: str, entity: Any, own: str) -> dict[str, Any]:
    found: dict[str, Any] = plain(entity)
    return found | {"version": hotel.versions.get((kind, own), 0)}
