"""Who somebody is: what a verified token says. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import jwt
from jwt import PyJWK

from gateway.errors import Unauthorized
from infra.runtime.settings import Settings
from infra.runtime.tokens import millis
from schemas.records.base import Role

# A token is a few hundred bytes; nobody makes us parse more.
MAX_TOKEN_BYTES = 8192
ROLES: frozenset[Role] = frozenset(get_args(Role))
EVERY_PROPERTY = "*"
# Stays are this department's, and whoever stands there is asked about every request.
FRONT_DESK = "front_desk"
# Of an identity provider's keys; our own tokens are HS256.
PUBLIC = frozenset({"RS256", "ES256", "EdDSA"})
NO_KEYS: Mapping[str, PyJWK] = {}


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. `issued_at`, `expires_at`: ms. `room_id`, `reservation_id`: guests only."""

    user_id: str
    role: Role
    property_id: str
    name: str
    room_id: str | None
    reservation_id: str | None
    departments: tuple[str, ...]
    issued_at: int
    expires_at: int
    token_id: str

    @property
    def is_staff(self) -> bool:
        """Works in the house: staff, manager, admin."""
        return self.role in ("staff", "manager", "admin")

    @property
    def is_manager(self) -> bool:
        """May decide for others: manager, admin."""
        return self.role in ("manager", "admin")

    def works_in(self, department: str) -> bool:
        """Staff of this department, or anyone above departments."""
        return self.is_manager or (self.role == "staff" and department in self.departments)

    @property
    def at_desk(self) -> bool:
        """Of the front desk."""
        return FRONT_DESK in self.departments

    def in_property(self, property_id: str) -> bool:
        """Of this hotel; `*` is of the whole group (admins and systems only)."""
        if self.property_id == EVERY_PROPERTY:
            return self.role in ("admin", "system")
        return self.property_id == property_id


class UnknownKey(Unauthorized):
    """Signed by a key of the identity provider that is not known, or not yet."""


def verify(token: str, settings: Settings, keys: Mapping[str, PyJWK] = NO_KEYS) -> Claims:
    """The claims of a token: one of ours, or one of the identity provider's `keys` by their id.

    Unauthorized (401; 4101 expired, 4401 otherwise) for any other.
    """
    if not token or len(token) > MAX_TOKEN_BYTES:
        raise Unauthorized("token_missing", "A token is needed: sign in first.", 4401)
    try:
        key, algorithm, issuer = _signer(token, settings, keys)
        found = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=settings.jwt_audience,
            issuer=issuer,
            leeway=settings.jwt_leeway_seconds,
            options={"require": ["iss", "aud", "sub", "iat", "exp", "jti"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthorized("token_expired", "The token has expired: get a new one.", 4101) from error
    except jwt.InvalidTokenError as error:
        raise Unauthorized("token_invalid", "The token is not valid here.", 4401) from error
    try:
        return _claims(found)
    except (KeyError, TypeError, ValueError) as error:
        raise Unauthorized("token_invalid", "The token lacks a claim or has a wrong one.", 4401) from error


def _signer(token: str, settings: Settings, keys: Mapping[str, PyJWK]) -> tuple[Any, str, str]:
    """(key, its algorithm, issuer). What the token says of itself only chooses among what is allowed."""
    head = jwt.get_unverified_header(token)
    if not settings.jwks_url or head.get("alg") not in PUBLIC:
        return settings.jwt_secret.get_secret_value(), "HS256", settings.jwt_issuer
    key = keys.get(str(head.get("kid")))
    if key is None:
        raise UnknownKey("token_invalid", "The token is signed by a key that is not known here.", 4401)
    return key, str(key.algorithm_name), settings.jwks_issuer or settings.jwt_issuer


def _claims(found: dict[str, Any]) -> Claims:
    role = found["role"]
    if role not in ROLES:
        raise ValueError("role")
    departments = found.get("departments") or []
    if not isinstance(departments, list) or not all(isinstance(one, str) for one in departments):
        raise TypeError("departments")
    room, stay = found.get("room"), found.get("stay")
    return Claims(
        user_id=_text(found["sub"]),
        role=role,
        property_id=_text(found["property"]),
        name=_text(found.get("name") or found["sub"]),
        room_id=None if room is None else _text(room),
        reservation_id=None if stay is None else _text(stay),
        departments=tuple(departments),
        issued_at=millis(found["iat"]),
        expires_at=millis(found["exp"]),
        token_id=_text(found["jti"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise TypeError("not a short text")
    value.encode()  # half of a surrogate pair is no text
    return value
