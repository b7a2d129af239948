"""Makes our tokens: HS256, with the claims that `gateway/claims.py` verifies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from infra.runtime.problems import Problem
from infra.runtime.settings import Settings

LEAST_KEY_BYTES = 32
# The year 5138: a time beyond it is a mistake in milliseconds or worse.
MOST_SECONDS = 10**11


def millis(claim: object) -> int:
    """`iat` or `exp` of a token in ms since 1970. ValueError for what is no time, as a text or a `true`."""
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 < claim < MOST_SECONDS:
        raise ValueError("not a time")
    return int(claim * 1000)


def claims(
    settings: Settings,
    *,
    user_id: str,
    role: str,
    property_id: str,
    now: int,
    minutes: int,
    name: str = "",
    room: str | None = None,
    stay: str | None = None,
    departments: Sequence[str] = (),
) -> dict[str, Any]:
    """The payload of a token. `now`: seconds since 1970; `property_id` "*" is the whole group."""
    found: dict[str, Any] = {
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "sub": user_id,
        "role": role,
        "property": property_id,
        "name": name or user_id,
        "departments": list(departments),
        "iat": now,
        "exp": now + minutes * 60,
        "jti": uuid.uuid4().hex,
    }
    if room is not None:
        found["room"] = room
    if stay is not None:
        found["stay"] = stay
    return found


def sign(settings: Settings, payload: dict[str, Any]) -> str:
    """The signed token. Problem without a key of 32 bytes or more."""
    import jwt

    return jwt.encode(payload, key(settings), algorithm="HS256")


def key(settings: Settings) -> str:
    """What tokens are signed with. Problem where anybody could guess it: nothing may be served with such."""
    found = settings.jwt_secret.get_secret_value()
    if len(found.encode()) < LEAST_KEY_BYTES:
        raise Problem(
            "CONCIERGE_JWT_SECRET is missing or shorter than 32 bytes: start `concierge up` once, "
            "which makes one in the data folder's secrets.env, or set it."
        )
    return found
