"""Tokens and one-time codes: what they say, for how long, and who may hand them out."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gateway import signin
from gateway.claims import Claims, verify
from gateway.errors import Refused, Unauthorized
from tests.gateway.support import settings_for

SETTINGS = settings_for("127.0.0.1:1")
SAID = {"sub": "gus", "role": "guest", "property": "h", "name": "Gus", "room": "101", "departments": []}


@pytest.fixture
def now() -> int:
    """The clock (ms) as the test begins: a long run may come here minutes after it read this file."""
    return int(time.time() * 1000)


def test_a_token_says_what_was_put_in_and_can_be_signed_anew(now: int) -> None:
    claims = verify(signin.token(SETTINGS, SAID, now, 60), SETTINGS)
    assert (claims.user_id, claims.role, claims.room_id, claims.name) == ("gus", "guest", "101", "Gus")
    assert claims.expires_at == now // 1000 * 1000 + 60_000
    assert signin.said_of(claims) == SAID


def test_a_code_is_good_for_a_session_only_and_not_for_long(now: int) -> None:
    code = signin.code(SETTINGS, SAID, now, 60)
    assert signin.read_code(SETTINGS, code).user_id == "gus"
    with pytest.raises(Unauthorized):
        verify(code, SETTINGS)
    old = signin.code(SETTINGS, SAID, now - 120_000, 60)
    for wrong in (old, code[:-3], "", signin.token(SETTINGS, SAID, now, 60)):
        with pytest.raises(Unauthorized) as no:
            signin.read_code(SETTINGS, wrong)
        assert (no.value.status, no.value.code) == (401, "code_invalid")


@pytest.mark.parametrize(
    ("who", "of", "role", "property_id", "may"),
    [
        ("admin", "h", "guest", "h", True),
        ("admin", "h", "admin", "h", True),
        ("admin", "h", "guest", "g", False),
        ("admin", "h", "admin", "*", False),
        ("admin", "*", "admin", "*", True),
        ("admin", "*", "system", "h", False),
        ("admin", "h", "data", "h", False),
        ("system", "*", "data", "h", True),
    ],
)
def test_nobody_is_let_in_above_who_lets_in(
    who: Any, of: str, role: Any, property_id: str, may: bool
) -> None:
    claims = Claims("a", who, of, "A", None, None, (), 0, 1, "t")
    if may:
        signin.demand_grant(claims, role, property_id)
    else:
        with pytest.raises(Refused) as no:
            signin.demand_grant(claims, role, property_id)
        assert no.value.status == 403


def test_a_revocation_names_its_kind_and_id() -> None:
    record = signin.revocation("h", "user", "gus", 7, "boss", 9)
    assert (record.kind, record.id, record.at, record.actor_id) == ("revocation", "user:gus", 9, "boss")
    assert record.revocation is not None
    assert (record.revocation.kind, record.revocation.id, record.revocation.before) == ("user", "gus", 7)
