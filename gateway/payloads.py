"""What `d` of each event type holds, and a snapshot: for the documents, the Python client, and the tests.

What is on the log as a record is here the same record, open: fields that are younger than a client are passed
over.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import msgspec

from schemas.record import Id, Millis
from schemas.records.alerts import AlertState, AnnouncementState
from schemas.records.base import Role
from schemas.records.chats import ThreadKind
from schemas.records.folds import OccupancyState, PerformanceState, RevenueState, ServiceLoadState
from schemas.records.notifications import NotificationState
from schemas.records.operations import SystemAlert as SystemAlertRecord
from schemas.records.rooms import RoomState, StatusWord
from schemas.records.services import RequestState
from schemas.records.settings import PropertySettings
from schemas.records.staff import ShiftState

EventType = Literal[
    "service_request_updated",
    "new_message",
    "staff_assigned",
    "guest_online",
    "room_status_changed",
    "emergency_alert",
    "occupancy_updated",
    "service_load_updated",
    "announcement",
    "notification",
    "notification_updated",
    "message_read",
    "message_delivered",
    "thread_updated",
    "typing",
    "staff_online",
    "staff_performance_updated",
    "revenue_updated",
    "alert_updated",
    "system_alert",
    "command_rejected",
]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)
Online = Literal["connected", "away", "offline"]


class Request(RequestState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A service request now. `version`: in snapshots."""

    version: int | None = None


class Room(RoomState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A room now. A guest is told the room's id and its four dimensions. `version`: in snapshots."""

    version: int | None = None


class Alert(AlertState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An emergency now. Who called is told to those who help. `version`: in snapshots."""

    raised_by: Id | None = None  # type: ignore[assignment]  # whom all in the house are not told
    version: int | None = None


class AnnouncementShown(AnnouncementState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An announcement, to be shown until `until` (ms)."""


class Shift(ShiftState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A person's shift now."""


class BellItem(NotificationState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A notification now."""


class Property(PropertySettings, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """The hotel."""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is made for clients only."""


class Person(Payload, frozen=True, kw_only=True):
    """Somebody who is connected."""

    user_id: str
    role: Role
    state: Online


class Thread(Payload, frozen=True, kw_only=True):
    """A chat without its messages. `delivered`, `reads`: up to which message each person is."""

    thread_id: str
    kind: ThreadKind
    subject: str
    department: str
    guest_id: str | None
    members: list[str]
    opened_by: str
    opened_at: Millis
    closed: bool
    delivered: dict[str, str]
    reads: dict[str, str]
    last_message_id: str | None
    last_at: Millis


class FactTold(Payload, frozen=True, kw_only=True):
    """Head of what an agent's fact became. `change`: its name; `fact`: what it says, see the records' page.

    `causation_id`: the command's id; `actor_id`: whose it was, none where that is not everybody's business.
    """

    causation_id: str
    actor_id: str | None
    offset: int
    change: str
    fact: dict[str, Any]


class ServiceRequestUpdated(FactTold, frozen=True, kw_only=True):
    """A request was made or took a step."""

    request: Request | None
    version: int


class StaffAssigned(ServiceRequestUpdated, frozen=True, kw_only=True):
    """A request was given to `request.staff_id`."""


class RoomStatusChanged(FactTold, frozen=True, kw_only=True):
    """Something about a room changed."""

    room: Room | None
    version: int


class AlertUpdated(FactTold, frozen=True, kw_only=True):
    """An emergency was acknowledged or is over."""

    alert: Alert | None
    version: int


class EmergencyAlert(AlertUpdated, frozen=True, kw_only=True):
    """An emergency was raised, or nobody has acknowledged it yet."""


class Announcement(FactTold, frozen=True, kw_only=True):
    """Somebody told the house, or staff, something."""

    announcement: AnnouncementShown | None


class NotificationUpdated(FactTold, frozen=True, kw_only=True):
    """A notification was seen or read, or is over."""

    notification_id: str
    notification: BellItem | None


class Notification(NotificationUpdated, frozen=True, kw_only=True):
    """A new notification."""


class GuestOnline(Person, frozen=True, kw_only=True):
    """A guest came, looks away, looks again, or left."""


class StaffOnline(Payload, frozen=True, kw_only=True):
    """A member of staff came, looks away or left (`role`, `state`), or their shift changed (all else)."""

    user_id: str
    role: Role | None = None
    state: Online | None = None
    on_duty: bool | None = None
    shift: Shift | None = None
    causation_id: str | None = None
    actor_id: str | None = None
    offset: int | None = None
    change: str | None = None
    fact: dict[str, Any] | None = None


class NewMessage(Payload, frozen=True, kw_only=True):
    """Somebody said something. `at`: broker time, `claimed_at`: the sender's clock (ms)."""

    message_id: str
    thread_id: str
    actor_id: str
    actor_role: Role
    device_id: str
    sequence: int
    claimed_at: Millis
    at: Millis
    text: str


class ThreadUpdated(Payload, frozen=True, kw_only=True):
    """A chat was opened, joined or closed (`actor_id`, `fact`), or has a new message (`message_id`, `at`)."""

    thread_id: str
    change: str
    actor_id: str | None = None
    fact: dict[str, Any] | None = None
    message_id: str | None = None
    at: Millis | None = None


class MarkedUpTo(Payload, frozen=True, kw_only=True):
    """`message_id`, up to which."""

    message_id: str


class MessageRead(Payload, frozen=True, kw_only=True):
    """`actor_id` has read the chat up to a message."""

    thread_id: str
    change: str
    actor_id: str
    fact: MarkedUpTo


class MessageDelivered(MessageRead, frozen=True, kw_only=True):
    """The chat has come to a device of `actor_id` up to a message."""


class Typing(Payload, frozen=True, kw_only=True):
    """Somebody writes, or no more."""

    thread_id: str
    user_id: str
    on: bool


class OccupancyUpdated(OccupancyState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """The house now."""


class ServiceLoadUpdated(ServiceLoadState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A department's queue now."""


class StaffPerformanceUpdated(PerformanceState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A member of staff since the log began."""


class RevenueUpdated(RevenueState, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A business date's revenue."""


class SystemAlert(SystemAlertRecord, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A watchdog's word to managers and admins."""


class CommandRejected(Payload, frozen=True, kw_only=True):
    """No to a command of yours, and why."""

    causation_id: str
    code: str
    message: str


class Refused(Payload, frozen=True, kw_only=True):
    """A channel is not yours any more, and why."""

    code: str
    message: str


class Snapshot(Payload, frozen=True, kw_only=True):
    """What is true now, as far as the channel is about it; what it is not about is None.

    `earlier`: a chat has more messages than these.
    """

    property: Property | None = None
    announcements: list[AnnouncementShown] | None = None
    alerts: list[Alert] | None = None
    rooms: list[Room] | None = None
    requests: list[Request] | None = None
    shifts: list[Shift] | None = None
    online: list[Person] | None = None
    occupancy: OccupancyUpdated | None = None
    service_load: list[ServiceLoadUpdated] | None = None
    performance: list[StaffPerformanceUpdated] | None = None
    revenue: list[RevenueUpdated] | None = None
    system_alerts: list[SystemAlert] | None = None
    notifications: list[BellItem] | None = None
    threads: list[Thread] | None = None
    thread: Thread | None = None
    messages: list[NewMessage] | None = None
    earlier: bool | None = None


Told: TypeAlias = (
    ServiceRequestUpdated | StaffAssigned | RoomStatusChanged | AlertUpdated | EmergencyAlert | Announcement
    | NotificationUpdated | Notification | GuestOnline | StaffOnline | NewMessage | ThreadUpdated
    | MessageRead | MessageDelivered | Typing | OccupancyUpdated | ServiceLoadUpdated
    | StaffPerformanceUpdated | RevenueUpdated | SystemAlert | CommandRejected | Refused | Snapshot
)  # fmt: skip

PAYLOADS: dict[EventType, type[Told]] = {
    "service_request_updated": ServiceRequestUpdated,
    "new_message": NewMessage,
    "staff_assigned": StaffAssigned,
    "guest_online": GuestOnline,
    "room_status_changed": RoomStatusChanged,
    "emergency_alert": EmergencyAlert,
    "occupancy_updated": OccupancyUpdated,
    "service_load_updated": ServiceLoadUpdated,
    "announcement": Announcement,
    "notification": Notification,
    "notification_updated": NotificationUpdated,
    "message_read": MessageRead,
    "message_delivered": MessageDelivered,
    "thread_updated": ThreadUpdated,
    "typing": Typing,
    "staff_online": StaffOnline,
    "staff_performance_updated": StaffPerformanceUpdated,
    "revenue_updated": RevenueUpdated,
    "alert_updated": AlertUpdated,
    "system_alert": SystemAlert,
    "command_rejected": CommandRejected,
}
ENTITIES: tuple[type[msgspec.Struct], ...] = (
    Snapshot, Request, Room, StatusWord, Alert, AnnouncementShown, Shift, BellItem, Property, Person,
    Thread, MarkedUpTo,
)  # fmt: skip
"""A snapshot, and what it and events are about."""
# With the Python client's own.
_BY_NAME: dict[str, type[Told]] = {"snapshot": Snapshot, "refused": Refused}
_BY_NAME |= {name: PAYLOADS[name] for name in PAYLOADS}


def read(kind: str, d: dict[str, Any]) -> Told | None:
    """`d` of an event of this type (or the Python client's own `snapshot`, `refused`); None: it is newer."""
    wanted = _BY_NAME.get(kind)
    try:
        return None if wanted is None else msgspec.convert(d, wanted)
    except msgspec.ValidationError:
        return None
