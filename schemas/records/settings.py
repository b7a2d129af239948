"""`settings`: hotels, rooms, catalogue, weights, revocations. Compacted."""

from __future__ import annotations

from typing import Literal

from schemas.record import Id, Line, Millis, Record
from schemas.records.base import Priority


class PropertySettings(Record, frozen=True, kw_only=True):
    """A hotel: IANA time zone, ISO 4217 currency, departments, whom to call in an emergency."""

    name: Line
    time_zone: Line
    currency: Line
    departments: list[Line]
    emergency_phone: Line = "112"
    capacity: int = 0


class RoomSettings(Record, frozen=True, kw_only=True):
    """A room of the inventory."""

    room_id: Id
    room_type: Line
    floor: int
    zone_id: Id


class CatalogueItem(Record, frozen=True, kw_only=True):
    """What can be asked for; promises in seconds, work in credits (quarter steps)."""

    item: Line
    name: Line
    department: Line
    priority: Priority
    credits: float
    accept_within_s: int
    resolve_within_s: int


class RoutingWeights(Record, frozen=True, kw_only=True):
    """How a request finds its person: score = credits in hand + the penalties; the lowest wins."""

    other_zone_penalty: float = 0.5
    max_credits: float = 8.0


class Retention(Record, frozen=True, kw_only=True):
    """Days a notification of each category is kept."""

    assignment_days: int = 7
    request_days: int = 14
    announcement_days: int = 30
    emergency_days: int = 90


class Revocation(Record, frozen=True, kw_only=True):
    """No token of this kind and id issued before `before` is good any more."""

    kind: Literal["token", "user", "property"]
    id: Id
    before: Millis


class SettingsRecord(Record, frozen=True, kw_only=True):
    """One record of `settings`; `kind` names the field that is set."""

    property_id: Id
    kind: Line
    id: Id
    at: Millis
    actor_id: Id
    property: PropertySettings | None = None
    room: RoomSettings | None = None
    item: CatalogueItem | None = None
    weights: RoutingWeights | None = None
    retention: Retention | None = None
    revocation: Revocation | None = None
