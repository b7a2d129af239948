"""Open sockets and tokens: a fresh one goes on quietly, a revoked one ends within a second."""

from __future__ import annotations

import time

import pytest
from websockets.exceptions import ConnectionClosed

from gateway.auth import LETS_IN, only
from gateway.claims import ROLES, verify
from gateway.errors import Refused
from schemas.ids import new_id
from schemas.records.base import Role
from schemas.records.settings import Revocation, SettingsRecord
from tests.gateway.support import Client, Running, client, settings_for, token


def bearer(role: str, property_id: str, **more: str) -> dict[str, str]:
    return {"Authorization": "Bearer " + token(role, property_id, 600, **more)}


async def closed(one: Client) -> int:
    """The code the server closes with."""
    with pytest.raises(ConnectionClosed):
        await one.hear("never")
    assert one.ws.close_code is not None
    return one.ws.close_code


async def test_a_fresh_token_keeps_the_socket_and_its_channels(gateway: Running) -> None:
    own = "auth" + new_id()[-6:]
    async with client(gateway, token("admin", own, seconds=30), resume={f"ops:{own}": None}) as one:
        await one.hear("auth_expiring")
        await one.say("auth", token=token("admin", own, seconds=600))
        assert (await one.hear("authed"))["token_expires"] > time.time() * 1000 + 500_000
        await one.say("auth", token=token("guest", own, sub="admin-1", room="101"))
        assert (await one.hear("nack"))["code"] == "forbidden", "less may be heard with less of a token"
        await one.say("auth", token=token("admin", own, sub="other"))
        assert await closed(one) == 4403


async def test_a_revocation_ends_open_sockets_within_a_second_at_every_gateway(
    gateway: Running, second: Running
) -> None:
    own, other = "auth" + new_id()[-6:], "auth" + new_id()[-6:]
    async with (
        client(second, token("staff", own, sub="anna")) as anna,
        client(second, token("staff", other, sub="anna")) as namesake,
        gateway.web() as web,
    ):
        await anna.hear("welcome")
        await namesake.hear("welcome")
        body = {"property_id": own, "kind": "user", "id": "anna"}
        # Tokens say whole seconds: one of this second is older than a revocation of this millisecond.
        done = await web.post("/api/auth/revoke", json=body, headers=bearer("admin", "*"))
        assert done.status_code == 200, done.text
        assert await closed(anna) == 4403
        await namesake.say("ping")
        await namesake.hear("pong")
        old = {"Authorization": "Bearer " + token("staff", own, sub="anna", iat=int(time.time()) - 5)}
        assert (await web.get("/api/auth/me", headers=old)).json()["error"]["code"] == "revoked"
        assert (await web.get("/api/auth/me", headers=bearer("staff", other, sub="anna"))).status_code == 200


async def test_who_is_shut_out_asks_no_more_often_than_others(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gateway.live.limits.rates, "read", (0.001, 3.0))
    own = "auth" + new_id()[-6:]
    out = Revocation(kind="user", id="anna", before=1 << 50)
    gateway.live.model.setting(
        SettingsRecord(property_id=own, kind="revocation", id="user:anna", at=1, actor_id="a", revocation=out)
    )
    async with gateway.web(headers=bearer("staff", own, sub="anna")) as web:
        found = [(await web.get("/api/auth/me")).status_code for _ in range(5)]
    assert found == [403, 403, 403, 429, 429]


async def test_a_cookie_from_another_site_writes_nothing(gateway: Running) -> None:
    cookie = {"concierge_session": token("admin", "h")}
    async with gateway.web(cookies=cookie) as web:
        evil = await web.post("/api/auth/refresh", headers={"Origin": "https://evil.example"})
        assert (evil.status_code, evil.json()["error"]["code"]) == (403, "forbidden")
        own = await web.post("/api/auth/refresh", headers={"Origin": gateway.url})
        assert own.status_code == 200
        kept = await web.post("/api/auth/refresh", headers=bearer("admin", "h") | {"Origin": gateway.url})
        assert kept.status_code == 403, "a token ends when its maker said"
        bare = await web.post("/api/auth/refresh", headers={"Sec-Fetch-Site": "cross-site"})
        assert bare.status_code == 403


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_dependency_lets_in_the_roles_it_names(role: Role) -> None:
    demanded = only(frozenset({"manager", "system"}), "Not for you.")
    claims = verify(token(role, "h"), settings_for("127.0.0.1:1"))
    if role in LETS_IN[demanded]:
        assert demanded(claims) is claims
    else:
        with pytest.raises(Refused) as no:
            demanded(claims)
        assert (no.value.status, no.value.message) == (403, "Not for you.")
