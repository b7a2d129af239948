"""Names: staff see everyone, a guest the staff and themselves, and no other guest's room."""

from __future__ import annotations

from typing import Any

from schemas.records.people import Person
from tests.gateway.rest.conftest import ADMIN, GUEST, KEEPER, House


async def test_who_sees_whom(house: House) -> None:
    for own, role in (("ben", "staff"), ("guest-1", "guest"), ("guest-2", "guest")):
        house.model.people[own] = Person(user_id=own, role=role, name=own.title(), room_id="101")  # type: ignore[arg-type]  # a Literal by its text
    seen = (await house.get(GUEST, "/api/people"))["people"]
    assert [one["user_id"] for one in seen] == ["ben", "guest-1"]
    assert not any("room_id" in one for one in seen)
    seen = (await house.get(KEEPER, "/api/people"))["people"]
    assert [one["user_id"] for one in seen] == ["ben", "guest-1", "guest-2"]
    assert all(one["room_id"] == "101" for one in seen)


async def test_only_admins_name_people_and_ids_have_no_separators(house: House) -> None:
    def named(own: str) -> dict[str, Any]:
        return {"property_id": house.own, "people": [{"user_id": own, "role": "staff", "name": "X"}]}

    path = "/api/people"
    assert await house.refused(KEEPER, "POST", path, json=named("x")) == (403, "forbidden")
    assert await house.refused(ADMIN, "POST", path, json=named("a/b")) == (400, "bad_id")
    foreign = named("x") | {"property_id": "other"}
    assert await house.refused(ADMIN, "POST", path, json=foreign) == (403, "forbidden")
    answer = await house.ask(ADMIN, "POST", path, json=named("x"))
    assert answer.json() == {"written": 1}
