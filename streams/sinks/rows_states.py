"""Rows of the folders' absolute values and of the settings. Pure."""

from __future__ import annotations

from schemas.records.folds import FoldHeader
from schemas.records.settings import SettingsRecord
from streams.sinks.place import Place, Rows

_HEAD = ("_partition", "_offset", "property_id", "logged_at")
_FOLD = (*_HEAD, "vector", "as_of")
FOLD_TABLES: dict[str, str] = {
    "occupancy.state": "occupancy_snapshots",
    "service_load.state": "service_load_snapshots",
    "performance.state": "performance_snapshots",
    "revenue.state": "revenue_snapshots",
}
# Columns after _FOLD. The snapshot's `id` is the column named here; other columns are its fields.
_ID = {"service_load_snapshots": "department", "performance_snapshots": "staff_id"}
FOLD_BODY: dict[str, tuple[str, ...]] = {
    "occupancy_snapshots": (
        "business_date", "rooms", "occupied", "out_of_order", "out_of_service", "dirty", "ready", "guests",
        "arrivals_expected", "arrivals_done", "departures_expected", "departures_done",
    ),
    "service_load_snapshots": (
        "department", "open", "assigned", "accepted", "started", "completed", "breached_open",
        "oldest_open_at", "credits_open",
    ),
    "performance_snapshots": (
        "staff_id", "department", "on_shift", "on_break", "assigned", "accepted", "completed", "released",
        "response_ms", "resolution_ms", "resolved_on_time", "credits_done", "ratings", "rating_sum",
    ),
    "revenue_snapshots": (
        "business_date", "currency", "room_revenue", "other_revenue", "room_nights",
        "complimentary_nights", "charges",
    ),
}  # fmt: skip
FOLD_COLUMNS = {table: _FOLD + body for table, body in FOLD_BODY.items()}
PROPERTY_COLUMNS = (*_HEAD, "removed", "name", "time_zone", "currency", "departments", "capacity")
ROOM_COLUMNS = (*_HEAD, "removed", "room_id", "room_type", "floor", "zone_id")
REVOCATION_COLUMNS = (*_HEAD, "kind", "id", "before")


def fold_rows(place: Place, state: FoldHeader) -> Rows:
    """One row a snapshot."""
    table = FOLD_TABLES[place.topic]
    named_by_id = _ID.get(table)
    body = tuple(state.id if name == named_by_id else getattr(state, name) for name in FOLD_BODY[table])
    head = (place.partition, place.offset, state.property_id, place.logged_at, state.vector, state.as_of)
    return [(table, head + body)]


def settings_rows(place: Place, record: SettingsRecord) -> Rows:
    """A hotel, a room or a revocation makes a row; what else is on the topic has no table."""
    head = (place.partition, place.offset, record.property_id, place.logged_at)
    if hotel := record.property:
        row = (hotel.name, hotel.time_zone, hotel.currency, hotel.departments, hotel.capacity)
        return [("property_settings", (*head, False, *row))]
    if room := record.room:
        return [("room_settings", (*head, False, room.room_id, room.room_type, room.floor, room.zone_id))]
    if gone := record.revocation:
        return [("revocations", (*head, gone.kind, gone.id, gone.before))]
    return []


def removed_rows(place: Place) -> Rows:
    """Rows of a tombstone on `settings`: the key says which hotel or room is gone."""
    property_id, kind, entity = [*(place.key or b"").decode(errors="replace").split("/", 2), "", ""][:3]
    head = (place.partition, place.offset, property_id, place.logged_at, True)
    if place.topic == "settings" and kind == "property":
        return [("property_settings", (*head, "", "", "", [], 0))]
    if place.topic == "settings" and kind == "room":
        return [("room_settings", (*head, entity, "", 0, ""))]
    return []
