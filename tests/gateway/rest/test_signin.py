"""Codes, sessions, revocation: nobody lets in or shuts out beyond what is theirs."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest
from msgspec.structs import replace

from schemas.records.rooms import ReservationState, RoomState
from tests.gateway.rest.conftest import ADMIN, KEEPER, MANAGER, House
from tests.gateway.rest.test_notifications import BROWSER, PUSH
from tests.gateway.support import Running
from tests.patience import until

CODES, SESSION, REVOKE = "/api/auth/codes", "/api/auth/session", "/api/auth/revoke"


def who(house: House, role: str = "guest", **more: Any) -> dict[str, Any]:
    return {"user_id": "gus", "role": role, "property_id": house.own} | more


@pytest.mark.parametrize(
    ("role", "more"),
    [("system", {}), ("data", {}), ("guest", {"property_id": "other"}), ("admin", {"property_id": "*"})],
)
async def test_nobody_lets_in_above_themselves(house: House, role: str, more: dict[str, str]) -> None:
    body = who(house, role, **more)
    assert await house.refused(ADMIN, "POST", CODES, json=body) == (403, "forbidden")


async def test_codes_are_for_admins_to_give_and_short_lived(house: House) -> None:
    for role in (KEEPER, MANAGER):
        assert await house.refused(role, "POST", CODES, json=who(house)) == (403, "forbidden")
    long = who(house, seconds=3600)
    assert await house.refused(ADMIN, "POST", CODES, json=long) == (400, "invalid")


async def test_a_session_is_said_by_a_cookie_that_scripts_and_other_sites_never_see(house: House) -> None:
    code = (await house.ask(ADMIN, "POST", CODES, json=who(house, room_id="101"))).json()["code"]
    async with house.gateway.web() as browser:
        evil = {"Origin": "https://evil.example"}
        answer = await browser.post(SESSION, json={"code": code}, headers=evil)
        assert answer.status_code == 403
        answer = await browser.post(SESSION, json={"code": code})
        assert (answer.json()["role"], answer.json()["room_id"]) == ("guest", "101")
        cookie = answer.headers["set-cookie"].lower()
        assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
        again = await browser.post(SESSION, json={"code": code})
        assert (again.status_code, again.json()["error"]["code"]) == (401, "code_used")
        for wrong in ("x", code[:-2] + "xx", browser.cookies["concierge_session"]):
            no = await browser.post(SESSION, json={"code": wrong})
            assert (no.status_code, no.json()["error"]["code"]) == (401, "code_invalid")


async def test_a_renewed_session_takes_its_browsers_subscription_along(house: House) -> None:
    def said(cookie: str) -> str:
        return str(jwt.decode(cookie, options={"verify_signature": False})["jti"])

    async def kept_for(token_id: str) -> None:
        await until(lambda: [one.token_id for one in house.model.subscriptions.values()] == [token_id])

    code = (await house.ask(ADMIN, "POST", CODES, json=who(house, room_id="101"))).json()["code"]
    async with house.gateway.web() as browser:
        await browser.post(SESSION, json={"code": code})
        first = browser.cookies["concierge_session"]
        assert (await browser.post(PUSH, json=BROWSER)).status_code == 200
        await kept_for(said(first))
        assert (await browser.post("/api/auth/refresh", json={})).status_code == 200
        second = browser.cookies["concierge_session"]
        assert said(first) != said(second)
        await kept_for(said(second))


async def test_of_many_who_use_a_code_at_once_one_is_let_in(house: House, second: Running) -> None:
    code = (await house.ask(ADMIN, "POST", CODES, json=who(house, room_id="101"))).json()["code"]
    async with (
        house.gateway.web() as here,
        second.web() as there,
    ):
        asked = (web.post(SESSION, json={"code": code}) for web in (here, there) for _ in range(8))
        found = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert found == [200] + [401] * 15


async def test_whose_stay_is_over_is_not_let_in_anew(house: House) -> None:
    in_house = ReservationState(reservation_id="s", status="in_house", room_id="101", guest_id="gus")
    house.model.reservations["s"] = in_house
    house.model.rooms["101"] = RoomState(room_id="101", reservation_id="s", guest_id="gus")
    code = (await house.ask(ADMIN, "POST", CODES, json=who(house, room_id="101"))).json()["code"]
    async with house.gateway.web() as browser:
        me = (await browser.post(SESSION, json={"code": code})).json()
        assert me["reservation_id"] == "s", "the house knows who stays there"
        assert (await browser.post("/api/auth/refresh")).status_code == 200
        house.model.reservations["s"] = replace(in_house, status="checked_out")
        no = await browser.post("/api/auth/refresh")
        assert (no.status_code, no.json()["error"]["message"]) == (403, "Your stay is over.")
    other = who(house, room_id="101", user_id="companion")
    code = (await house.ask(ADMIN, "POST", CODES, json=other)).json()["code"]
    assert "stay" not in jwt.decode(code, options={"verify_signature": False})


async def test_a_code_is_no_token(house: House) -> None:
    code = (await house.ask(ADMIN, "POST", CODES, json=who(house))).json()["code"]
    async with house.gateway.web() as web:
        no = await web.get("/api/auth/me", headers={"Authorization": f"Bearer {code}"})
    assert no.status_code == 401


@pytest.mark.parametrize(
    ("kind", "own", "no"),
    [
        ("token", "t", (403, "forbidden")),
        ("user", "nobody", (404, "unknown_user")),
        ("property", "other", (403, "forbidden")),
    ],
)
async def test_a_hotels_admin_shuts_out_its_own_people_only(
    house: House, kind: str, own: str, no: tuple[int, str]
) -> None:
    body = {"property_id": house.own, "kind": kind, "id": own}
    assert await house.refused(ADMIN, "POST", REVOKE, json=body) == no
    assert await house.refused(MANAGER, "POST", REVOKE, json=body) == (403, "forbidden")
