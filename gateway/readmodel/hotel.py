"""One hotel now, as the log says it: what snapshots are made of."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field

from schemas.records.alerts import AlertState, AnnouncementState
from schemas.records.chats import ChatEvent, ThreadOpened
from schemas.records.folds import OccupancyState, PerformanceState, RevenueState, ServiceLoadState
from schemas.records.notifications import NotificationState
from schemas.records.operations import SystemAlert
from schemas.records.people import Person, Preferences, PushSubscription
from schemas.records.rooms import HouseState, ReservationState, RoomState
from schemas.records.services import RequestState, RequestWords
from schemas.records.settings import CatalogueItem, PropertySettings, Retention, RoomSettings, RoutingWeights
from schemas.records.staff import ShiftState, ShiftWords

# Kept in memory, about 1 KB a message and 0.3 KB an id; what is older is recalled from the log.
THREAD_MESSAGES = 100
HOTEL_MESSAGES = 20_000
SEEN_IDS = 20_000
SYSTEM_ALERTS = 100


@dataclass(slots=True)
class Marks:
    """Up to which message each person is, and where on `chats` that one lies."""

    ids: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def moved(self, user_id: str, message_id: str, place: int) -> bool:
        """Only forward: another device of theirs may say late what it showed."""
        if place <= self.places.get(user_id, -1):
            return False
        self.ids[user_id], self.places[user_id] = message_id, place
        return True


@dataclass(slots=True)
class Thread:
    """A chat: how it began, who takes part, its newest messages (oldest first), who has got and read how far.

    `offsets`: where every message of it lies on `chats`, also those that are no longer kept here.
    """

    thread_id: str
    opened: ThreadOpened
    opened_by: str
    opened_at: int
    members: set[str] = field(default_factory=set)
    messages: list[ChatEvent] = field(default_factory=list)
    said_at: dict[str, int] = field(default_factory=dict)
    offsets: array[int] = field(default_factory=lambda: array("q"))
    delivered: Marks = field(default_factory=Marks)
    reads: Marks = field(default_factory=Marks)
    closed: bool = False


@dataclass(slots=True)
class Hotel:
    """Every entity of a hotel by id. `versions`: (kind, id) -> offset of the newest fact it reflects."""

    property_id: str
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    house: HouseState = field(default_factory=HouseState)
    rooms: dict[str, RoomState] = field(default_factory=dict)
    reservations: dict[str, ReservationState] = field(default_factory=dict)
    requests: dict[str, RequestState] = field(default_factory=dict)
    request_words: dict[str, RequestWords] = field(default_factory=dict)
    shifts: dict[str, ShiftState] = field(default_factory=dict)
    shift_words: dict[str, ShiftWords] = field(default_factory=dict)
    alerts: dict[str, AlertState] = field(default_factory=dict)
    announcements: dict[str, AnnouncementState] = field(default_factory=dict)
    notifications: dict[str, dict[str, NotificationState]] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    # The newest chat events by id: (offset, broker time in ms, what they say); how late the newest forgotten
    # one is.
    chat_seen: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    chat_forgotten_at: int = 0
    # Offsets of what changes nothing and nobody is told, at no replay either: repeats (few, for a gateway
    # that knows an id does not write it again), and marks behind where their reader has read to.
    chat_silent: set[int] = field(default_factory=set)
    # (thread, message) in the order they came, for as many as are kept.
    chat_kept: deque[tuple[str, str]] = field(default_factory=deque)
    people: dict[str, Person] = field(default_factory=dict)
    preferences: dict[str, Preferences] = field(default_factory=dict)
    subscriptions: dict[str, PushSubscription] = field(default_factory=dict)
    property: PropertySettings | None = None
    room_settings: dict[str, RoomSettings] = field(default_factory=dict)
    items: dict[str, CatalogueItem] = field(default_factory=dict)
    weights: RoutingWeights = field(default_factory=RoutingWeights)
    retention: Retention = field(default_factory=Retention)
    occupancy: OccupancyState | None = None
    loads: dict[str, ServiceLoadState] = field(default_factory=dict)
    performance: dict[str, PerformanceState] = field(default_factory=dict)
    revenue: dict[str, RevenueState] = field(default_factory=dict)
    system_alerts: list[SystemAlert] = field(default_factory=list)

    def reflects(self, kind: str, entity_id: str, offset: int) -> bool:
        """Whether the entity already holds the facts of a later answer than the one at this offset."""
        return offset < self.versions.get((kind, entity_id), -1)
