"""Claims are what was asked for; a weak key signs nothing."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from infra.runtime import tokens
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


def test_claims_of_a_guest() -> None:
    found = tokens.claims(
        Settings(), user_id="g", role="guest", property_id="h", now=100, minutes=2, room="101", stay="r1"
    )
    assert found.pop("jti") != tokens.claims(
        Settings(), user_id="g", role="guest", property_id="h", now=1, minutes=1
    ).pop("jti")
    assert found == {
        "iss": "concierge", "aud": "concierge-live", "sub": "g", "role": "guest", "property": "h",
        "name": "g", "departments": [], "iat": 100, "exp": 220, "room": "101", "stay": "r1",
    }  # fmt: skip


def test_a_weak_key_signs_nothing() -> None:
    with pytest.raises(Problem, match="shorter than 32 bytes"):
        tokens.sign(Settings(jwt_secret=SecretStr("short")), {})
