"""The gateway's read model: hotels folded from the log, and who was shut out."""

from __future__ import annotations

from typing import Any, TypeVar

from gateway.readmodel.hotel import SYSTEM_ALERTS, Hotel
from gateway.readmodel.notifications import BELL
from schemas.record import Record
from schemas.records.folds import FoldHeader, OccupancyState, PerformanceState, RevenueState, ServiceLoadState
from schemas.records.operations import SystemAlert
from schemas.records.people import PeopleRecord
from schemas.records.settings import Revocation, SettingsRecord
from schemas.records.slo import SloReport

F = TypeVar("F", bound=FoldHeader)


class ReadModel:
    """All hotels by id. Fed by the tail only; everyone else reads."""

    def __init__(self) -> None:
        self.hotels: dict[str, Hotel] = {}
        # The auditor's newest word on what is told here and at the other gateways.
        self.slo: SloReport | None = None
        # (kind, hotel, id) -> ms. User ids are a hotel's own: the same id elsewhere is somebody else.
        self._revocations: dict[tuple[str, str, str], int] = {}
        # ... -> offset of the first one on the log.
        self._first: dict[tuple[str, str, str], int] = {}

    def hotel(self, property_id: str) -> Hotel | None:
        """The hotel, if the log ever spoke of it."""
        return self.hotels.get(property_id)

    def of(self, property_id: str) -> Hotel:
        """The hotel, made if it is new."""
        found = self.hotels.get(property_id)
        if found is None:
            found = self.hotels[property_id] = Hotel(property_id)
        return found

    def revoked(self, token_id: str, user_id: str, property_id: str, issued_at: int) -> bool:
        """Whether a token, its user or its hotel was revoked after it was issued (ms)."""
        if not self._revocations:
            return False
        named = (("token", token_id), ("user", user_id), ("property", property_id))
        return any(
            issued_at < self._revocations.get((kind, hotel, own), 0)
            for kind, own in named
            for hotel in (property_id, "*")
        )

    def used_at(self, property_id: str, token_id: str) -> int | None:
        """Where the log first said that this token is used up; None: nothing of it was read yet."""
        return self._first.get(("token", property_id, token_id))

    def restore(self, property_id: str, kinds: dict[str, dict[str, Any]], version: int) -> None:
        """Takes what an agent's snapshot says of a hotel: kind -> id -> entity, as after fact `version`."""
        hotel = self.of(property_id)
        hotel.rooms.update(kinds.get("room", {}))
        hotel.reservations.update(kinds.get("reservation", {}))
        hotel.house = kinds.get("house", {}).get("house", hotel.house)
        hotel.requests.update(kinds.get("request", {}))
        hotel.request_words.update(kinds.get("request_words", {}))
        hotel.shifts.update(kinds.get("shift", {}))
        hotel.shift_words.update(kinds.get("shift_words", {}))
        hotel.alerts.update(kinds.get("alert", {}))
        hotel.announcements.update(kinds.get("announcement", {}))
        for own, bell in kinds.get("notification", {}).items():
            if BELL in bell.channels:
                hotel.notifications.setdefault(bell.user_id, {})[own] = bell
        hotel.versions.update({(kind, own): version for kind, found in kinds.items() for own in found})

    def fold(self, record: Record) -> bool:
        """Takes a folder's absolute value; False where ours reflects more already."""
        match record:
            case OccupancyState():
                hotel = self.of(record.property_id)
                if newer := _newer(record.vector, hotel.occupancy.vector if hotel.occupancy else {}):
                    hotel.occupancy = record
            case ServiceLoadState():
                newer = _keep(self.of(record.property_id).loads, record)
            case PerformanceState():
                newer = _keep(self.of(record.property_id).performance, record)
            case RevenueState():
                newer = _keep(self.of(record.property_id).revenue, record)
            case _:
                return False
        return newer

    def person(self, record: PeopleRecord) -> None:
        """Takes a record of `people`."""
        hotel = self.of(record.property_id)
        if record.person is not None:
            hotel.people[record.id] = record.person
        if record.preferences is not None:
            hotel.preferences[record.preferences.user_id] = record.preferences
        if record.subscription is not None:
            hotel.subscriptions[record.id] = record.subscription

    def setting(self, record: SettingsRecord, offset: int | None = None) -> Revocation | None:
        """Takes a record of `settings`; a revocation is given back, because sockets may have to go.

        `offset`: where it lies, once the tail has it.
        """
        if record.revocation is not None:
            key = (record.revocation.kind, record.property_id, record.revocation.id)
            self._revocations[key] = max(record.revocation.before, self._revocations.get(key, 0))
            if offset is not None and record.revocation.kind == "token":
                self._first.setdefault(key, offset)
            return record.revocation
        hotel = self.of(record.property_id)
        if record.property is not None:
            hotel.property = record.property
        if record.room is not None:
            hotel.room_settings[record.id] = record.room
        if record.item is not None:
            hotel.items[record.id] = record.item
        if record.weights is not None:
            hotel.weights = record.weights
        if record.retention is not None:
            hotel.retention = record.retention
        return None

    def gone(self, key: bytes | None) -> None:
        """Takes a tombstone of `people` or `settings`: what lay under `property/kind/id` is no more."""
        parts = (key or b"").decode(errors="replace").split("/", 2)
        hotel = self.hotels.get(parts[0])
        if hotel is None or len(parts) != 3:
            return
        places: dict[str, dict[str, Any]] = {
            "person": hotel.people,
            "preferences": hotel.preferences,
            "subscription": hotel.subscriptions,
            "room": hotel.room_settings,
            "item": hotel.items,
        }
        places.get(parts[1], {}).pop(parts[2], None)

    def system_alert(self, alert: SystemAlert) -> None:
        """Takes a watchdog's word; the newest are kept."""
        kept = self.of(alert.property_id).system_alerts
        kept.append(alert)
        del kept[:-SYSTEM_ALERTS]


def _newer(vector: dict[str, int], known: dict[str, int]) -> bool:
    return all(vector.get(topic, 0) >= offset for topic, offset in known.items())


def _keep(known: dict[str, F], record: F) -> bool:
    before = known.get(record.id)
    if before is not None and not _newer(record.vector, before.vector):
        return False
    known[record.id] = record
    return True
