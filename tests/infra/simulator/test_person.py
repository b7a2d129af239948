"""A person's client."""

from __future__ import annotations

import jwt

from infra.runtime.settings import Settings
from infra.simulator import person

SECRET = "a-secret-of-the-tests-that-is-long-enough"


def test_a_token_says_who_it_is_for_an_hour() -> None:
    settings = Settings(jwt_secret=SECRET)
    found = jwt.decode(
        person.token(settings, user_id="u", role="staff", property_id="h", departments=["spa"]),
        SECRET,
        algorithms=["HS256"],
        audience=settings.jwt_audience,
    )
    assert (found["sub"], found["role"], found["property"], found["departments"]) == (
        "u",
        "staff",
        "h",
        ["spa"],
    )
    assert found["exp"] - found["iat"] == 3600
