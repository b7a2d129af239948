"""Tokens and one-time codes: made and checked. Pure but for the clock that is passed in.

A code is a signed token of its own audience, so any gateway can check it. That it was used is a revocation
of its id on `settings`, and whose record is the first there is let in: also of those who ask at the same
moment, at whichever gateways.
"""

from __future__ import annotations

from typing import Any, cast

import jwt

from gateway.claims import Claims, verify
from gateway.errors import Refused, Unauthorized
from infra.runtime.settings import Settings
from schemas.ids import new_id
from schemas.records.base import Role
from schemas.records.settings import Revocation, SettingsRecord

CODE_SECONDS, MAX_CODE_SECONDS = 60, 15 * 60
SESSION_SECONDS = 8 * 3600


def token(settings: Settings, said: dict[str, Any], now: int, seconds: int) -> str:
    """A token that says this (sub, role, property, name, room, stay, departments); `now` in ms."""
    return _sign(settings, said, settings.jwt_audience, now, seconds)


def code(settings: Settings, said: dict[str, Any], now: int, seconds: int) -> str:
    """A one-time code for a session that says this."""
    return _sign(settings, said, _code_audience(settings), now, seconds)


def read_code(settings: Settings, value: str) -> Claims:
    """What a code says. Unauthorized 401 for an expired, forged or foreign one."""
    try:
        return verify(value, settings.model_copy(update={"jwt_audience": _code_audience(settings)}))
    except Unauthorized as error:
        raise Unauthorized(
            "code_invalid", "The code is not valid (any more): ask for a new one.", 4401
        ) from error


def said_of(claims: Claims) -> dict[str, Any]:
    """The claims as a token says them, to sign anew."""
    said = {
        "sub": claims.user_id,
        "role": claims.role,
        "property": claims.property_id,
        "name": claims.name,
        "room": claims.room_id,
        "stay": claims.reservation_id,
        "departments": list(claims.departments),
    }
    return {name: value for name, value in said.items() if value is not None}


def demand_grant(claims: Claims, role: Role, property_id: str) -> None:
    """Refused 403 unless these claims may let somebody in as `role` of that hotel: nobody above oneself."""
    if not claims.in_property(property_id) or (property_id == "*" and claims.property_id != "*"):
        raise Refused(403, "forbidden", "This property is not yours.")
    if role in ("system", "data") and claims.role != "system":
        raise Refused(403, "forbidden", f"Only a system may sign a {role} in.")


def revocation(
    property_id: str, kind: str, own_id: str, before: int, actor_id: str, now: int
) -> SettingsRecord:
    """The record that shuts out: no token of this kind and id issued before `before` (ms) is good."""
    body = Revocation(kind=cast("Any", kind), id=own_id, before=before)
    return SettingsRecord(
        property_id=property_id, kind="revocation", id=f"{kind}:{own_id}", at=now, actor_id=actor_id,
        revocation=body,
    )  # fmt: skip


def _code_audience(settings: Settings) -> str:
    return f"{settings.jwt_audience}/code"


def _sign(settings: Settings, said: dict[str, Any], audience: str, now: int, seconds: int) -> str:
    body = said | {
        "iss": settings.jwt_issuer,
        "aud": audience,
        "iat": now // 1000,
        "exp": now // 1000 + seconds,
        "jti": new_id(now),
    }
    return jwt.encode(body, settings.jwt_secret.get_secret_value(), algorithm="HS256")
