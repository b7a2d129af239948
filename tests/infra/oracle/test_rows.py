"""Records to the rows that tables must hold."""

from __future__ import annotations

import datetime

import pytest
from msgspec.structs import replace

from infra.oracle.rows import rows
from infra.oracle.shapes import Shape
from schemas.records.rooms import RoomStatusChanged
from schemas.records.settings import RoomSettings, SettingsRecord
from tests.infra.oracle.logs import answer, logged

COLUMNS: dict[str, dict[str, str]] = {
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
SHAPES = {table: Shape(types) for table, types in COLUMNS.items()}


def test_an_answer_is_a_row_a_fact_and_a_decision() -> None:
    found = list(rows(logged("rooms", 4, answer(4, "a", 0)), SHAPES))
    assert [table for table, _ in found] == ["room_status_changes", "decisions"]
    assert found[0][1] == [
        0, 4, 0, "event-a", "fact-a", 9, "room_status_changed", "101", "clean", "", None,
    ]  # fmt: skip
    assert found[1][1] == [4, "rooms", [], 1]


def test_a_foreign_answer_and_unreadable_bytes_have_no_rows() -> None:
    assert not list(rows(logged("rooms", 5, answer(4, "a", 0)), SHAPES))
    assert not list(rows(logged("services", 4, answer(4, "a", 0)), SHAPES))


def test_a_room_and_its_removal() -> None:
    room = RoomSettings(room_id="101", room_type="double", floor=1, zone_id="floor-1")
    record = SettingsRecord(property_id="h", kind="room", id="101", at=1, actor_id="a", room=room)
    (one,) = rows(logged("settings", 0, record), SHAPES)
    assert one == ("room_settings", ["h", 0, "101", 1])
    (gone,) = rows(logged("settings", 1, None, b"h/room/101"), SHAPES)
    assert gone == ("room_settings", ["h", True, "101", 0])


def _ms(year: int) -> int:
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) - epoch) // datetime.timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("until", "count"),
    [(None, 2), (_ms(1900), 2), (_ms(2300) - 1, 2), (_ms(1900) - 1, 0), (_ms(2300), 0), (2**62, 0)],
)
def test_a_time_that_no_column_holds_leaves_no_row_of_its_record(until: int | None, count: int) -> None:
    said = answer(4, "a", 0)
    body = RoomStatusChanged(room_id="1", dimension="block", value="none", until=until)
    said = replace(said, facts=[replace(said.facts[0], room_status_changed=body)])
    assert len(list(rows(logged("rooms", 4, said), SHAPES))) == count


@pytest.mark.parametrize(
    ("kind", "floor", "count"),
    [
        ("Int32", -(2**31), 1),
        ("Int32", 2**31 - 1, 1),
        ("Int32", -(2**31) - 1, 0),
        ("Int32", 2**31, 0),
        ("UInt16", 65_535, 1),
        ("UInt16", 65_536, 0),
        ("UInt16", -1, 0),
        ("Nullable(UInt8)", 256, 0),
        ("Float64", 2**40, 1),
    ],
)
def test_a_number_that_its_column_does_not_hold_leaves_no_row(kind: str, floor: int, count: int) -> None:
    room = RoomSettings(room_id="101", room_type="double", floor=floor, zone_id="floor-1")
    record = SettingsRecord(property_id="h", kind="room", id="101", at=1, actor_id="a", room=room)
    columns = COLUMNS["room_settings"] | {"floor": kind}
    assert len(list(rows(logged("settings", 0, record), {"room_settings": Shape(columns)}))) == count
