"""What a hotel's agents look at beside their own state, folded from the topics they follow."""

from __future__ import annotations

from schemas.facts import said
from schemas.house import status_changed
from schemas.record import Record
from schemas.records.rooms import (
    CheckedIn,
    CheckedOut,
    CheckInReversed,
    ReservationMade,
    RoomAssigned,
    RoomsAnswer,
    RoomState,
    RoomStatusChanged,
)
from schemas.records.settings import RoutingWeights, SettingsRecord
from schemas.records.staff import StaffAnswer
from schemas.shifts import take
from streams.rules.deciding import Context


class HotelContext(Context):
    """A `Context` that follows: settings, shifts, who stays where, which rooms want no service."""

    __slots__ = ()

    def take(self, record: Record) -> None:
        """Fold one record of a followed topic. Facts newer than this reader are passed over."""
        match record:
            case SettingsRecord():
                self._settings(record)
            case StaffAnswer():
                for fact in record.facts:
                    take(self.shifts, self.shift_words, fact)
            case RoomsAnswer():
                for room_fact in record.facts:
                    if room_fact.room_status_changed is not None:
                        self._room(room_fact.room_status_changed, room_fact.occurred_at)
                    elif found := said(room_fact):
                        self._stay(found[1])

    def forget(self, kind: str, name: str) -> None:
        """A record of `settings` was taken back."""
        match kind:
            case "property":
                self.property = None
            case "room":
                self.rooms.pop(name, None)
            case "item":
                self.items.pop(name, None)
            case "weights":
                self.weights = RoutingWeights()

    def _stay(self, body: Record) -> None:
        match body:
            case CheckedIn(guest_id=str(guest_id), room_id=str(room_id)):
                self.stays[body.reservation_id] = (guest_id, room_id)
            case CheckedOut() | CheckInReversed():
                self.stays.pop(body.reservation_id, None)
            case RoomAssigned(room_id=str(room_id)) | ReservationMade(room_id=str(room_id)):
                if body.reservation_id in self.stays:
                    guest_id, _ = self.stays[body.reservation_id]
                    self.stays[body.reservation_id] = (guest_id, room_id)

    def _settings(self, record: SettingsRecord) -> None:
        if record.property is not None:
            self.property = record.property
        elif record.room is not None:
            self.rooms[record.room.room_id] = record.room
        elif record.item is not None:
            self.items[record.item.item] = record.item
        elif record.weights is not None:
            self.weights = record.weights

    def _room(self, body: RoomStatusChanged, at: int) -> None:
        if body.reservation_id and body.guest_id:  # who is in it by all words, a reversed check-out, too
            self.stays[body.reservation_id] = (body.guest_id, body.room_id)
        if body.dimension != "guest_service":
            return
        room = self.room_states.get(body.room_id) or RoomState(room_id=body.room_id)
        self.room_states[body.room_id] = status_changed(room, body, at)
