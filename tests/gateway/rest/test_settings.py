"""A hotel is set up by its admins; what cannot be is refused before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.rest.conftest import ADMIN, GUEST, KEEPER, House

PATH = "/api/settings"
ROOM = {"room_id": "7", "room_type": "double", "floor": 1, "zone_id": "z"}
ITEM = {
    "item": "towels", "name": "Towels", "department": "spa", "priority": 2, "credits": 0.5,
    "accept_within_s": 60, "resolve_within_s": 600,
}  # fmt: skip
PROPERTY = {"name": "H", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": []}


async def test_a_room_and_weights_are_known_when_the_answer_comes(house: House) -> None:
    body = {"property_id": house.own, "rooms": [ROOM], "weights": {"max_credits": 4.0}}
    answer = await house.ask(ADMIN, "POST", PATH, json=body)
    assert answer.json() == {"written": 2}
    found = await house.get(KEEPER, PATH)
    assert (found["rooms"], found["property"]["name"]) == ([ROOM], "H")
    assert await house.refused(GUEST, "GET", PATH) == (403, "forbidden")


@pytest.mark.parametrize(
    ("said", "no"),
    [
        ({"rooms": [ROOM | {"room_id": "a/b"}]}, (400, "bad_id")),
        ({"property_id": "a:b"}, (400, "bad_id")),
        ({"property": PROPERTY | {"time_zone": "Mars/North"}}, (400, "invalid")),
        ({"property": PROPERTY | {"time_zone": "../etc/passwd"}}, (400, "invalid")),
        ({"property": PROPERTY | {"currency": "euro"}}, (400, "invalid")),
        ({"items": [ITEM | {"accept_within_s": 2**62, "resolve_within_s": 2**62}]}, (400, "invalid")),
        ({"items": [ITEM | {"accept_within_s": 700}]}, (400, "invalid")),
        ({"items": [ITEM | {"credits": -1.0}]}, (400, "invalid")),
        ({"weights": {"max_credits": -1.0}}, (400, "invalid")),
        ({"retention": {"emergency_days": 2**60}}, (400, "invalid")),
        ({"property_id": "other", "property": PROPERTY}, (403, "forbidden")),
        ({"colour": "red"}, (400, "invalid")),
    ],
)
async def test_what_cannot_be(house: House, said: dict[str, Any], no: tuple[int, str]) -> None:
    assert await house.refused(ADMIN, "POST", PATH, json={"property_id": house.own} | said) == no


async def test_a_hotel_begins_with_what_it_is(house: House) -> None:
    house.model.property = None
    body = {"property_id": house.own, "rooms": [ROOM]}
    assert await house.refused(ADMIN, "POST", PATH, json=body) == (404, "unknown_property")
    assert await house.refused(KEEPER, "POST", PATH, json=body) == (403, "forbidden")
