"""What a decider sees around its own state: settings, people, and other agents' entities, by hotel."""

from __future__ import annotations

from typing import TypeVar

from schemas.record import Record
from schemas.records.people import Person, Preferences
from schemas.records.rooms import RoomState
from schemas.records.settings import CatalogueItem, PropertySettings, Retention, RoomSettings, RoutingWeights
from schemas.records.staff import ShiftState

R = TypeVar("R", bound=Record)


class Surroundings:
    """One hotel's context, by (topic, kind) and id. `offsets` (topic -> offset) goes into `why.context`."""

    __slots__ = ("_tables", "offsets")

    def __init__(self, offsets: dict[str, int] | None = None) -> None:
        self._tables: dict[tuple[str, str], dict[str, Record]] = {}
        self.offsets: dict[str, int] = {} if offsets is None else offsets

    def put(self, topic: str, kind: str, id: str, record: Record | None) -> None:
        """The newest record of an entity; None forgets it."""
        table = self._tables.setdefault((topic, kind), {})
        if record is None:
            table.pop(id, None)
        else:
            table[id] = record

    def table(self, topic: str, kind: str, record: type[R]) -> dict[str, R]:
        """All records of a kind by id; not to be changed."""
        return self._tables.get((topic, kind)) or {}  # type: ignore[return-value]  # one type a kind

    @property
    def property(self) -> PropertySettings | None:
        """The hotel's own settings; None: nobody has said that there is such a hotel."""
        return next(iter(self.table("settings", "property", PropertySettings).values()), None)

    @property
    def rooms(self) -> dict[str, RoomSettings]:
        """The inventory by room_id."""
        return self.table("settings", "room", RoomSettings)

    @property
    def items(self) -> dict[str, CatalogueItem]:
        """The catalogue by item."""
        return self.table("settings", "item", CatalogueItem)

    @property
    def weights(self) -> RoutingWeights:
        """The routing rule's weights; the defaults where the hotel says nothing."""
        return next(iter(self.table("settings", "weights", RoutingWeights).values()), RoutingWeights())

    @property
    def retention(self) -> Retention:
        """How long notifications are kept; the defaults where the hotel says nothing."""
        return next(iter(self.table("settings", "retention", Retention).values()), Retention())

    @property
    def shifts(self) -> dict[str, ShiftState]:
        """Everybody's last shift by staff_id."""
        return self.table("staff.state", "shift", ShiftState)

    @property
    def room_states(self) -> dict[str, RoomState]:
        """What each room now is, by room_id."""
        return self.table("rooms.state", "room", RoomState)

    @property
    def people(self) -> dict[str, Person]:
        """Who people are, by user_id."""
        return self.table("people", "person", Person)

    @property
    def preferences(self) -> dict[str, Preferences]:
        """What people want to be told, by user_id."""
        return self.table("people", "preferences", Preferences)
