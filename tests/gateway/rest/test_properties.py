"""Hotels: all of them for who is of the whole group, their own for everybody else."""

from __future__ import annotations

import httpx

from schemas.records.settings import PropertySettings
from tests.gateway.rest.conftest import ADMIN, GUEST, House
from tests.gateway.support import token


async def group(house: House, path: str, **params: str) -> httpx.Response:
    """What an admin of the whole group gets."""
    head = {"Authorization": "Bearer " + token("admin", "*")}
    async with house.gateway.web(headers=head) as web:
        return await web.get(path, params=params)


async def test_one_sees_the_hotels_of_ones_token(house: House) -> None:
    models = house.gateway.live.model
    other, bare = house.own + "2", house.own + "3"
    models.of(other).property = PropertySettings(
        name="Second", time_zone="Europe/Lisbon", currency="EUR", departments=[]
    )
    models.of(bare)  # the log spoke of it, but nobody has set it up
    for who in (GUEST, ADMIN):
        mine = await house.get(who, "/api/properties")
        assert mine == {"properties": [{"property_id": house.own, "name": "H"}], "next": None}
    told = (await group(house, "/api/properties", after=house.own, limit="1")).json()
    assert told["properties"] == [{"property_id": other, "name": "Second"}]
    every = (await group(house, "/api/properties", limit="1000")).json()["properties"]
    ids = [one["property_id"] for one in every]
    assert {house.own, other} <= set(ids)
    assert not {bare, "*"} & set(ids)


async def test_who_is_of_the_whole_group_is_told_what_a_chosen_hotel_is(house: House) -> None:
    bare = (await group(house, "/api/auth/me")).json()
    assert (bare["property_id"], bare["property"], bare["group"]) == ("*", None, True)
    chosen = (await group(house, "/api/auth/me", property_id=house.own)).json()
    assert (chosen["property_id"], chosen["property"]["name"], chosen["group"]) == (house.own, "H", True)
    assert chosen["dashboard"].endswith(f"hotel={house.own}")
    missing = await group(house, "/api/auth/me", property_id="nowhere")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "unknown_property")
    own = await house.get(ADMIN, "/api/auth/me")
    assert (own["property_id"], own["group"]) == (house.own, False)
    no = await house.refused(ADMIN, "GET", "/api/auth/me", params={"property_id": "other"})
    assert no == (403, "forbidden")
