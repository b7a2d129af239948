"""Every topic as a value: its records, its retention, who writes it, whether clients see it.

The partition is always explicit: a stable hash of the hotel. One hotel is one partition everywhere.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from schemas.record import Record
from schemas.records import alerts, chats, folds, notifications, operations, people, rooms, services, staff
from schemas.records import settings as settings_records
from schemas.records.base import SeenIds, StateMark
from schemas.records.signals import Signal
from schemas.records.slo import SloHour, SloReport

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
FOREVER = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention_ms` -1 keeps everything; `broker_time`: LogAppendTime; `live`: clients see it."""

    name: str
    records: tuple[type[Record], ...]
    writer: str
    retention_ms: int = FOREVER
    compacted: bool = False
    broker_time: bool = False
    live: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    def config(self) -> dict[str, str]:
        """The broker's settings for this topic."""
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(self.retention_ms),
            "message.timestamp.type": "LogAppendTime" if self.broker_time else "CreateTime",
            "max.message.bytes": str(4 * 1024 * 1024),
            **self.extra,
        }


def _facts(name: str, record: type[Record]) -> Topic:
    return Topic(name, (record,), f"the {name} agent", broker_time=True, live=True)


def _commands(name: str, record: type[Record]) -> Topic:
    return Topic(f"{name}.commands", (record,), "gateways, the agent's timer", 7 * DAY_MS, broker_time=True)


def _intake(name: str, record: type[Record]) -> Topic:
    return Topic(f"{name}.intake", (record,), "adapters, REST", 7 * DAY_MS, broker_time=True)


def _state(name: str, *records: type[Record], live: bool = False) -> Topic:
    # Whoever starts reads all of it, and the segment being written is never compacted: 1 GiB by default.
    small = {"segment.bytes": str(16 * 1024 * 1024)}
    return Topic(f"{name}.state", records, f"the {name} agent", compacted=True, live=live, extra=small)


ROOMS = _facts("rooms", rooms.RoomsAnswer)
SERVICES = _facts("services", services.ServicesAnswer)
STAFF = _facts("staff", staff.StaffAnswer)
ALERTS = _facts("alerts", alerts.AlertsAnswer)
NOTIFICATIONS = _facts("notifications", notifications.NotificationsAnswer)

ROOMS_COMMANDS = _commands("rooms", rooms.RoomsCommand)
SERVICES_COMMANDS = _commands("services", services.ServicesCommand)
STAFF_COMMANDS = _commands("staff", staff.StaffCommand)
ALERTS_COMMANDS = _commands("alerts", alerts.AlertsCommand)
NOTIFICATIONS_COMMANDS = _commands("notifications", notifications.NotificationsCommand)

ROOMS_INTAKE = _intake("rooms", rooms.RoomsIntake)
SERVICES_INTAKE = _intake("services", services.ServicesIntake)
STAFF_INTAKE = _intake("staff", staff.StaffIntake)

ROOMS_STATE = _state("rooms", rooms.RoomsEntity, SeenIds, StateMark)
SERVICES_STATE = _state("services", services.ServicesEntity, SeenIds, StateMark)
STAFF_STATE = _state("staff", staff.StaffEntity, SeenIds, StateMark)
ALERTS_STATE = _state("alerts", alerts.AlertsEntity, SeenIds, StateMark)
NOTIFICATIONS_STATE = _state("notifications", notifications.NotificationsEntity, SeenIds, StateMark)

OCCUPANCY_STATE = _state("occupancy", folds.OccupancyState, live=True)
SERVICE_LOAD_STATE = _state("service_load", folds.ServiceLoadState, live=True)
PERFORMANCE_STATE = _state("performance", folds.PerformanceState, live=True)
REVENUE_STATE = _state("revenue", folds.RevenueState, live=True)

# Pieces are rewritten under their keys, so a small segment is what is read twice at most.
FOLDERS_MEMORY = Topic(
    "folders.memory",
    (folds.MemoryPiece, folds.MemoryMark),
    "folders",
    compacted=True,
    extra={"segment.bytes": str(16 * 1024 * 1024)},
)

CHATS = Topic("chats", (chats.ChatEvent,), "gateways", broker_time=True, live=True)
SIGNALS = Topic("signals", (Signal,), "gateways", 10 * MINUTE_MS, extra={"segment.ms": str(5 * MINUTE_MS)})
PEOPLE = Topic("people", (people.PeopleRecord,), "gateways", compacted=True)
SETTINGS = Topic("settings", (settings_records.SettingsRecord,), "gateways, concierge", compacted=True)
DELIVERIES = Topic("deliveries", (operations.Delivery,), "push, gateways")
SYSTEM = Topic("system", (operations.SystemAlert,), "everyone's watchdog", live=True)
# A report and 720 hours, of which two are said again every half minute: who starts reads few of them.
SLO = Topic(
    "slo",
    (SloReport, SloHour),
    "the auditor",
    compacted=True,
    extra={"segment.bytes": str(1024 * 1024), "min.cleanable.dirty.ratio": "0.1"},
)
DEAD_LETTERS = Topic("dead_letters", (operations.DeadLetter,), "everyone", 30 * DAY_MS)

TOPICS: tuple[Topic, ...] = (
    ROOMS,
    SERVICES,
    STAFF,
    ALERTS,
    NOTIFICATIONS,
    ROOMS_COMMANDS,
    SERVICES_COMMANDS,
    STAFF_COMMANDS,
    ALERTS_COMMANDS,
    NOTIFICATIONS_COMMANDS,
    ROOMS_INTAKE,
    SERVICES_INTAKE,
    STAFF_INTAKE,
    ROOMS_STATE,
    SERVICES_STATE,
    STAFF_STATE,
    ALERTS_STATE,
    NOTIFICATIONS_STATE,
    OCCUPANCY_STATE,
    SERVICE_LOAD_STATE,
    PERFORMANCE_STATE,
    REVENUE_STATE,
    FOLDERS_MEMORY,
    CHATS,
    SIGNALS,
    PEOPLE,
    SETTINGS,
    DELIVERIES,
    SYSTEM,
    SLO,
    DEAD_LETTERS,
)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def partition_of(property_id: str, partitions: int) -> int:
    """The partition of a hotel: CRC-32 of its id modulo the number of partitions, the same in every topic."""
    return zlib.crc32(property_id.encode()) % partitions


def entity_key(property_id: str, kind: str, entity_id: str) -> bytes:
    """The key of a record on a compacted topic. Elsewhere the key is the property_id."""
    return f"{property_id}/{kind}/{entity_id}".encode()
