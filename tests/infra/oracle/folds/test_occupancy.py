"""Occupancy twice: by the folder and by counting."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.oracle.folds.occupancy import Plain
from schemas.records.settings import PropertySettings, RoomSettings, SettingsRecord
from streams.rules.occupancy import Fold
from tests.infra.oracle.folds.alike import assert_alike
from tests.schemas.facts import ROOMS
from tests.streams.rules.test_occupancy import setting


def house(time_zone: str, capacity: int) -> SettingsRecord:
    body = PropertySettings(
        name="h", time_zone=time_zone, currency="EUR", capacity=capacity, departments=["housekeeping"]
    )
    return setting(property=body)


HOUSE = (
    house("Europe/Lisbon", 5),
    setting(room=RoomSettings(room_id="101", room_type="double", floor=1, zone_id="z")),
    house("no/where", 4),
)


@given(ROOMS, st.integers(0, len(HOUSE)))
def test_the_folder_says_what_is_counted(facts: list[Any], settings: int) -> None:
    fold, plain = Fold("h"), Plain()
    for record in HOUSE[:settings]:
        fold.settings(record)
        plain.settings(record)
    assert_alike(fold, plain, facts)


def test_an_empty_house_knows_its_rooms_and_its_calendar_date() -> None:
    plain = Plain()
    for record in HOUSE:
        plain.settings(record)
    live = plain.values(1_000)["live"]
    assert (live["rooms"], live["ready"], live["occupied"]) == (4, 4, 0)
    assert live["business_date"] == datetime.date(1970, 1, 1)
