"""Who gets in: admins with a good session of the gateway, and only to their hotels."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import SecretStr

from dashboards.access import NotAllowed, viewer
from infra.runtime import tokens
from infra.runtime.settings import Settings

SETTINGS = Settings(jwt_secret=SecretStr("k" * 32))


def token(**changes: Any) -> str:
    said: dict[str, Any] = {
        "user_id": "admin",
        "role": "admin",
        "property_id": "harbour",
        "now": int(time.time()),
        "minutes": 5,
    }
    return tokens.sign(SETTINGS, tokens.claims(SETTINGS, **said | changes))


def test_an_admin_sees_the_hotel_of_the_token_only() -> None:
    assert viewer(token(), SETTINGS).hotels(["h2", "harbour"]) == ["harbour"]


def test_an_admin_of_the_group_sees_all() -> None:
    assert viewer(token(property_id="*"), SETTINGS).hotels(["h2", "harbour"]) == ["h2", "harbour"]


def odd(**claims: Any) -> str:
    """Signed by us, with claims that we never say."""
    said = tokens.claims(
        SETTINGS, user_id="a", role="admin", property_id="h", now=int(time.time()), minutes=5
    )
    return tokens.sign(SETTINGS, said | claims)


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        "",
        "nonsense",
        token(role="staff"),
        token(role="guest"),
        token(now=int(time.time()) - 3600),
        token()[:-2] + "xx",
        odd(iat=str(int(time.time()))),
        odd(exp=10**30),
        odd(name="\ud800"),
        odd(role=["admin"]),
    ],
)
def test_nobody_else_gets_in(cookie: str | None) -> None:
    with pytest.raises(NotAllowed):
        viewer(cookie, SETTINGS)


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(NotAllowed):
        viewer(token(), Settings(jwt_secret=SecretStr("x" * 32)))


def test_without_a_key_nobody_is_let_in() -> None:
    with pytest.raises(NotAllowed, match="No token key"):
        viewer(token(), Settings(jwt_secret=SecretStr("")))
