"""`alerts`: emergencies and announcements. Their agent is always alone in its process."""

from __future__ import annotations

from typing import Literal

from schemas.record import Id, Line, Millis, Record, Text
from schemas.records.base import AnswerHeader, CommandHeader, EntityHeader, FactHeader, Tick

EmergencyKind = Literal["medical", "fire", "security", "panic", "technical", "other"]
Audience = Literal["house", "staff"]
AlertStatus = Literal["raised", "acknowledged", "resolved"]


class EmergencyRaised(Record, frozen=True, kw_only=True):
    """Somebody needs help now, at this place. `realert_at`: when it rings again unless acknowledged."""

    alert_id: Id
    kind: EmergencyKind
    room_id: Id | None = None
    location: Line
    note: Text = ""
    drill: bool = False
    realert_at: Millis


class EmergencyRealerted(Record, frozen=True, kw_only=True):
    """Still nobody acknowledged; `times` counts the repetitions."""

    alert_id: Id
    times: int
    realert_at: Millis


class EmergencyAcknowledged(Record, frozen=True, kw_only=True):
    """A responder is on the way."""

    alert_id: Id
    staff_id: Id


class EmergencyResolved(Record, frozen=True, kw_only=True):
    """It is over."""

    alert_id: Id
    staff_id: Id
    note: Text = ""


class Announced(Record, frozen=True, kw_only=True):
    """A word to the house, shown until `until`."""

    announcement_id: Id
    audience: Audience
    title: Line
    body: Text
    until: Millis


class AlertsFact(FactHeader, frozen=True, kw_only=True):
    """One fact; exactly one field below the head is set."""

    emergency_raised: EmergencyRaised | None = None
    emergency_realerted: EmergencyRealerted | None = None
    emergency_acknowledged: EmergencyAcknowledged | None = None
    emergency_resolved: EmergencyResolved | None = None
    announced: Announced | None = None


class AlertsAnswer(AnswerHeader, frozen=True, kw_only=True):
    """What the alert agent made of one input."""

    facts: list[AlertsFact] = []


class RaiseEmergency(Record, frozen=True, kw_only=True):
    """Raise an emergency; its id is the command's."""

    kind: EmergencyKind
    room_id: Id | None = None
    location: Line = ""
    note: Text = ""
    drill: bool = False


class AlertCommand(Record, frozen=True, kw_only=True):
    """Acknowledge or resolve."""

    alert_id: Id
    note: Text = ""


class Announce(Record, frozen=True, kw_only=True):
    """Say something to the house; its id is the command's."""

    audience: Audience
    title: Line
    body: Text
    until: Millis


class AlertsCommand(CommandHeader, frozen=True, kw_only=True):
    """One command to the alert agent; exactly one field below the head is set."""

    raise_emergency: RaiseEmergency | None = None
    acknowledge: AlertCommand | None = None
    resolve: AlertCommand | None = None
    announce: Announce | None = None
    tick: Tick | None = None


class AlertState(Record, frozen=True, kw_only=True):
    """An emergency now."""

    alert_id: Id
    kind: EmergencyKind
    status: AlertStatus = "raised"
    room_id: Id | None = None
    location: Line
    note: Text = ""
    drill: bool = False
    raised_by: Id
    raised_at: Millis
    realert_at: Millis | None = None
    times: int = 0
    acknowledged_by: Id | None = None
    acknowledged_at: Millis | None = None
    resolved_at: Millis | None = None


class AnnouncementState(Record, frozen=True, kw_only=True):
    """An announcement; over once `until` has passed."""

    announcement_id: Id
    audience: Audience
    title: Line
    body: Text
    until: Millis
    made_by: Id
    made_at: Millis


class AlertsEntity(EntityHeader, frozen=True, kw_only=True):
    """One entity of the alert agent."""

    alert: AlertState | None = None
    announcement: AnnouncementState | None = None
