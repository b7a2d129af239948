"""Which hotel is meant, and one page of many."""

from __future__ import annotations

from gateway.rest.hotel import page
from tests.gateway.rest.conftest import ADMIN, House

ITEMS = [(own, own.upper()) for own in ("c", "a", "b")]


def test_pages_follow_each_other_by_id() -> None:
    assert page(ITEMS, "", 2) == (["A", "B"], "b")
    assert page(ITEMS, "b", 2) == (["C"], None)
    assert page(ITEMS, "", 3) == (["A", "B", "C"], None)
    assert page(ITEMS, "z", 3) == ([], None)


async def test_a_hotel_that_is_foreign_unsaid_or_unknown(house: House) -> None:
    path = "/api/rooms"
    assert await house.refused(ADMIN, "GET", path, params={"property_id": "other"}) == (403, "forbidden")
    assert await house.refused(("data", {}), "GET", path) == (403, "forbidden")
    group = ("admin", {"property": "*"})
    assert await house.refused(group, "GET", path) == (400, "property_missing")
    asked = {"property_id": "never"}
    assert await house.refused(group, "GET", path, params=asked) == (404, "unknown_property")
    assert (await house.get(group, path, property_id=house.own))["rooms"] == []
