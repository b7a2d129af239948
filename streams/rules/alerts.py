"""Emergencies, repeated until somebody acknowledges, and announcements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from schemas.records import alerts as said
from schemas.records.alerts import AlertState, AnnouncementState
from streams.rules.deciding import FIRE_AT_MOST, STAFF_ROLES, Ask, Context, Decision, Said, refuse

RULE = "alerts@1"
REALERT_MS = 60_000
# An alert that nobody sees for half an hour is not saved by ringing on; it stays raised on every screen.
REALERT_AT_MOST = 30
LONGEST_ANNOUNCEMENT_MS = 30 * 24 * 3_600_000


class Alerts:
    """Emergencies and announcements of one hotel."""

    def __init__(self) -> None:
        self.alerts: dict[str, AlertState] = {}
        self.announcements: dict[str, AnnouncementState] = {}
        self.aside: frozenset[str] = frozenset()

    def decide(self, ask: Ask, context: Context) -> Decision:
        """Answer a command of `AlertsCommand`. Anyone in the house may raise an emergency."""
        body = ask.body
        if isinstance(body, said.RaiseEmergency):
            return _raise(ask, body, context)
        if ask.role not in STAFF_ROLES:
            return refuse(RULE, "forbidden", "Only staff may do this.")
        match body:
            case said.AlertCommand():
                return self._step(ask, body)
            case said.Announce():
                return _announce(ask, body)
        return refuse(RULE, "unknown_command", f"The alert agent knows no command {ask.name}.")

    def _step(self, ask: Ask, body: said.AlertCommand) -> Decision:
        alert = self.alerts.get(body.alert_id)
        if alert is None:
            return refuse(RULE, "not_found", f"There is no alert {body.alert_id}.")
        if alert.status == "resolved":
            return refuse(RULE, "wrong_state", "It is resolved already.")
        if ask.name == "acknowledge":
            if alert.status == "acknowledged":
                return refuse(RULE, "already_acknowledged", f"{alert.acknowledged_by} is on the way already.")
            done: Any = said.EmergencyAcknowledged(alert_id=body.alert_id, staff_id=ask.actor_id)
            return _one("emergency_acknowledged", done, ask, f"{ask.actor_id} is on the way.")
        done = said.EmergencyResolved(alert_id=body.alert_id, staff_id=ask.actor_id, note=body.note)
        return _one("emergency_resolved", done, ask, "It is over.")

    def read(self, answer: Any, context: Context) -> Decision | None:
        """This agent reads no other agent's answers."""
        return None

    def news(self, fact: Any) -> bool:
        """No property system speaks here."""
        return False

    def follow(self, fact: Any) -> Sequence[Said]:
        """No property system speaks here."""
        return ()

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact."""
        if isinstance(body, said.EmergencyRaised):
            fields = msgspec.structs.asdict(body)
            self.alerts[body.alert_id] = AlertState(**fields, raised_by=actor_id, raised_at=at)
            return
        if isinstance(body, said.Announced):
            fields = msgspec.structs.asdict(body)
            made = AnnouncementState(**fields, made_by=actor_id, made_at=at)
            self.announcements[body.announcement_id] = made
            return
        alert = self.alerts.get(body.alert_id)
        if alert is None:
            return
        values: dict[str, Any] = {}
        match body:
            case said.EmergencyRealerted():
                last = body.times >= REALERT_AT_MOST
                values = {"times": body.times, "realert_at": None if last else body.realert_at}
            case said.EmergencyAcknowledged():
                values = {"status": "acknowledged", "acknowledged_by": body.staff_id, "acknowledged_at": at}
                values["realert_at"] = None
            case said.EmergencyResolved():
                values = {"status": "resolved", "resolved_at": at, "realert_at": None}
        self.alerts[body.alert_id] = msgspec.structs.replace(alert, **values)

    def entities(self) -> dict[str, dict[str, Any]]:
        """Emergencies and announcements."""
        return {"alert": self.alerts, "announcement": self.announcements}

    def restore(self, entities: dict[str, dict[str, Any]]) -> None:
        """Take a state over."""
        self.alerts, self.announcements = entities.get("alert", {}), entities.get("announcement", {})

    def due(self) -> int | None:
        """When the next alert rings again."""
        return min((at for at, _ in self._ringing()), default=None)

    def _ringing(self) -> Iterator[tuple[int, AlertState]]:
        """(ms, alert) of every alert that rings again."""
        for alert in self.alerts.values():
            if alert.realert_at is not None and alert.alert_id not in self.aside:
                yield alert.realert_at, alert

    def fire(self, until: int, context: Context) -> Decision | None:
        """Ring again, once for each alert however long the agent was away."""
        ringing = [(at, alert.alert_id, alert) for at, alert in self._ringing() if at <= until]
        facts = tuple(
            Said(
                "emergency_realerted",
                said.EmergencyRealerted(
                    alert_id=a.alert_id, times=a.times + 1, realert_at=until + REALERT_MS
                ),
                until,
            )
            for _, _, a in sorted(ringing, key=lambda one: one[:2])[:FIRE_AT_MOST]
        )
        return Decision(RULE, "Nobody has acknowledged yet: it rings again.", facts) if facts else None


def _raise(ask: Ask, body: said.RaiseEmergency, context: Context) -> Decision:
    if body.room_id is not None and body.room_id not in context.rooms:
        return refuse(RULE, "unknown_room", f"This hotel has no room {body.room_id}.")
    location = body.location or (f"Room {body.room_id}" if body.room_id else "")
    if not location:
        return refuse(RULE, "location_missing", "Say where help is needed: a room or a place.")
    fact = said.EmergencyRaised(
        alert_id=ask.id,
        kind=body.kind,
        room_id=body.room_id,
        location=location,
        note=body.note,
        drill=body.drill,
        realert_at=ask.at + REALERT_MS,
    )
    return _one("emergency_raised", fact, ask, f"Help is called to {location}.")


def _announce(ask: Ask, body: said.Announce) -> Decision:
    if not body.title.strip():
        return refuse(RULE, "title_missing", "An announcement needs a title.")
    if not ask.at < body.until <= ask.at + LONGEST_ANNOUNCEMENT_MS:
        return refuse(RULE, "invalid_end", "An announcement ends in the future, within 30 days.")
    fields = msgspec.structs.asdict(body)
    return _one("announced", said.Announced(**fields, announcement_id=ask.id), ask, "Announced.")


def _one(name: str, body: Any, ask: Ask, sentence: str) -> Decision:
    return Decision(RULE, sentence, (Said(name, body, ask.at),))
