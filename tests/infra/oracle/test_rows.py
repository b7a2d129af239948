"""Records to the rows that tables must hold."""

from __future__ import annotations

from infra.oracle.rows import rows
from schemas.records.settings import RoomSettings, SettingsRecord
from tests.infra.oracle.logs import answer, logged

COLUMNS = {
    "room_status_changes": {
        "_partition": "UInt16", "_offset": "UInt64", "_fact": "UInt16", "event_id": "String",
        "fact_id": "String", "logged_at": "DateTime64(3, 'UTC')", "kind": "LowCardinality(String)",
        "room_id": "String", "value": "String", "reason": "String", "until": "Nullable(DateTime64(3))",
    },
    "decisions": {
        "_offset": "UInt64", "topic": "String", "candidate_ids": "Array(String)", "facts": "UInt32",
    },
    "room_settings": {"property_id": "String", "removed": "Bool", "room_id": "String", "floor": "Int32"},
}  # fmt: skip


def test_an_answer_is_a_row_a_fact_and_a_decision() -> None:
    found = list(rows(logged("rooms", 4, answer(4, "a", 0)), COLUMNS))
    assert [table for table, _ in found] == ["room_status_changes", "decisions"]
    assert list(found[0][1].values()) == [
        0, 4, 0, "event-a", "fact-a", 9, "room_status_changed", "101", "clean", "", None,
    ]  # fmt: skip
    assert list(found[1][1].values()) == [4, "rooms", [], 1]


def test_a_foreign_answer_and_unreadable_bytes_have_no_rows() -> None:
    assert not list(rows(logged("rooms", 5, answer(4, "a", 0)), COLUMNS))
    assert not list(rows(logged("services", 4, answer(4, "a", 0)), COLUMNS))


def test_a_room_and_its_removal() -> None:
    room = RoomSettings(room_id="101", room_type="double", floor=1, zone_id="floor-1")
    record = SettingsRecord(property_id="h", kind="room", id="101", at=1, actor_id="a", room=room)
    (one,) = rows(logged("settings", 0, record), COLUMNS)
    assert one == ("room_settings", {"property_id": "h", "removed": 0, "room_id": "101", "floor": 1})
    (gone,) = rows(logged("settings", 1, None, b"h/room/101"), COLUMNS)
    assert gone == ("room_settings", {"property_id": "h", "removed": True, "room_id": "101", "floor": 0})
