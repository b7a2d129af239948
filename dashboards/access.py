"""Who may see which hotel's dashboard: the gateway's session cookie, verified here. Pure.

The page asks anew at each refresh, and the warehouse's `v_revocations` with it: a session that ended or was
revoked loses the open page too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import jwt

from infra.runtime.settings import Settings
from infra.runtime.tokens import millis

# Cookies belong to a host, not to a port, so the gateway's arrives here too.
COOKIE = "concierge_session"
EVERY_PROPERTY = "*"


class NotAllowed(Exception):
    """Why this person sees nothing: one sentence for them."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """An admin. `property_id` "*" is the whole group; `issued_at` in ms since 1970."""

    name: str
    property_id: str
    user_id: str
    token_id: str
    issued_at: int

    def hotels(self, known: list[str]) -> list[str]:
        """Of the hotels there are, those this person may see."""
        return (
            known if self.property_id == EVERY_PROPERTY else [one for one in known if one == self.property_id]
        )


def viewer(cookie: str | None, settings: Settings) -> Viewer:
    """The admin behind a cookie. NotAllowed for anybody else."""
    if not cookie:
        raise NotAllowed("Please sign in first: open your sign-in link of the gateway, then come back here.")
    if not settings.jwt_secret.get_secret_value():
        # An empty key would verify what anybody signs with an empty key.
        raise NotAllowed("No token key is set here, so nobody can be let in: see `concierge doctor`.")
    try:
        said: dict[str, Any] = jwt.decode(
            cookie,
            settings.jwt_secret.get_secret_value(),
            algorithms=["HS256"],
            audience=settings.jwt_audience,
            issuer=settings.jwt_issuer,
            leeway=settings.jwt_leeway_seconds,
            options={"require": ["iss", "aud", "sub", "iat", "exp", "jti"]},
        )
        issued_at, _ = millis(said["iat"]), millis(said["exp"])
        json.dumps(said, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except jwt.ExpiredSignatureError as error:
        raise NotAllowed("Your session has ended: open your sign-in link again.") from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise NotAllowed("This session is not valid here: open your sign-in link again.") from error
    if said.get("role") != "admin" or not isinstance(said.get("property"), str):
        raise NotAllowed("This dashboard is for admins.")
    user_id = str(said["sub"])
    return Viewer(
        str(said.get("name") or user_id),
        said["property"],
        user_id,
        str(said["jti"]),
        issued_at,
    )
