"""Who is asking: cookie or bearer token, as dependencies of the routers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from gateway.addresses import group
from gateway.claims import EVERY_PROPERTY, ROLES, Claims
from gateway.errors import Refused, Unauthorized, forbidden
from gateway.state import Live, State
from infra.runtime.settings import Settings
from schemas.records.base import Role

__all__ = [
    "BROWSING",
    "COOKIE",
    "LETS_IN",
    "NO_BROWSER",
    "Admin",
    "Browsing",
    "Claims",
    "Reader",
    "SignedIn",
    "Staff",
    "address_of",
    "identified",
    "property_of",
    "same_origin",
    "token_of",
]

COOKIE = "concierge_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token_of(connection: HTTPConnection) -> tuple[str, bool]:
    """(token, whether it came by cookie); ("", False) without one."""
    header = connection.headers.get("authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip(), False
    if value := connection.cookies.get(COOKIE, ""):
        return value, True
    return "", False


def same_origin(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether a browser's request comes from our own pages; clients that send no Origin are no browsers."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    host = urlsplit(origin).netloc
    return bool(host) and host in (connection.headers.get("host"), urlsplit(settings.gateway_url).netloc)


def address_of(connection: HTTPConnection) -> str:
    """What counts as the client's address; uvicorn has put there whom a trusted proxy names."""
    return group(connection.client.host) if connection.client else ""


async def identified(live: State, address: str, token: str) -> Claims:
    """The claims of a token. Unauthorized for a bad one; Refused 429 where its address showed too many."""
    if token:
        live.strangers.demand(address, token, live.clock())
    try:
        claims = await live.keys.verified(token)
    except Unauthorized as no:
        # An expired one was good once: many phones of one hotel wake up with theirs at the same time.
        if no.code == "token_invalid":
            live.strangers.bad(address, live.clock())
        raise
    live.strangers.good(token)
    return claims


async def signed_in(request: Request, live: Live) -> Claims:
    """Dependency: the claims of this request. 401 without a good token, 403 where it is revoked."""
    token, by_cookie = token_of(request)
    claims = await identified(live, address_of(request), token)
    if by_cookie and request.method not in SAFE_METHODS and not same_origin(request, live.settings):
        raise forbidden("This request came from another site.")
    # Before anything else: who is shut out asks no more often than the others.
    live.limits.take(claims, "read" if request.method in SAFE_METHODS else "frame", live.clock())
    if live.model.revoked(claims.token_id, claims.user_id, claims.property_id, claims.issued_at):
        raise Refused(403, "revoked", "This token was revoked: sign in again.")
    return claims


SignedIn = Annotated[Claims, Depends(signed_in)]


# A dependency that looks at roles -> those it lets in. docs/reference/permissions.md is made from it.
LETS_IN: dict[object, frozenset[Role]] = {}


def only(roles: frozenset[Role], no: str) -> Callable[[Claims], Claims]:
    """A dependency: the claims, if they have one of these roles; else Refused 403."""

    def demanded(claims: SignedIn) -> Claims:
        if claims.role not in roles:
            raise forbidden(no)
        return claims

    LETS_IN[demanded] = roles
    return demanded


# Who works in the house, and systems.
Staff = Annotated[
    Claims, Depends(only(frozenset({"staff", "manager", "admin", "system"}), "This is for staff."))
]
Admin = Annotated[Claims, Depends(only(frozenset({"admin", "system"}), "This is for admins."))]
Reader = Annotated[Claims, Depends(only(ROLES - {"data"}, "This role reads the warehouse."))]
# Systems and the data team have no browsers.
BROWSING: frozenset[Role] = frozenset({"guest", "staff", "manager", "admin"})
NO_BROWSER = "This role has no browser session."
Browsing = Annotated[Claims, Depends(only(BROWSING, NO_BROWSER))]


def property_of(claims: Claims, asked: str | None) -> str:
    """The hotel a request is about: the one asked for, else the token's. 403 if foreign, 400 if unsaid."""
    wanted = asked or claims.property_id
    if wanted == EVERY_PROPERTY:
        raise Refused(400, "property_missing", "Say which property.")
    if not claims.in_property(wanted):
        raise forbidden("This property is not yours.")
    return wanted
