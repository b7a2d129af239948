"""/api/auth: one-time codes, the session cookie, refresh, sign-out, revocation."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit

import msgspec
from fastapi import APIRouter, Depends, Response
from starlette.requests import Request

from gateway import signin, stays
from gateway.auth import (
    BROWSING,
    COOKIE,
    NO_BROWSER,
    Admin,
    Browsing,
    SignedIn,
    address_of,
    same_origin,
    token_of,
)
from gateway.claims import EVERY_PROPERTY, Claims, verify
from gateway.commands import check_id, hotel_of
from gateway.errors import Unauthorized, forbidden, outcome_unknown, unknown
from gateway.outlet import write
from gateway.rest.hotel import PropertyId
from gateway.rest.notifications import hand_on
from gateway.rest.wire import Done, body_of, give, told
from gateway.state import Live
from schemas import topics as T
from schemas.record import Id, Line
from schemas.records.base import Role
from schemas.records.settings import PropertySettings

router = APIRouter(tags=["sign-in"])
# The own tail is milliseconds behind the broker; past this nobody knows whose use of a code was the first.
SEEN_SECONDS = 3.0


class Who(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to let in, and for how many seconds the code is good (at most 900)."""

    user_id: Id
    role: Role
    property_id: Id
    name: Line = ""
    room_id: Id | None = None
    reservation_id: Id | None = None
    departments: list[Line] = []
    seconds: Annotated[int, msgspec.Meta(ge=1, le=signin.MAX_CODE_SECONDS)] = signin.CODE_SECONDS


class Code(msgspec.Struct):
    """A code for one sign-in, good until `expires_at` (ms). It belongs in the fragment of a link."""

    code: str
    expires_at: int


class Exchange(msgspec.Struct, forbid_unknown_fields=True):
    """The code of a sign-in link."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


class Me(msgspec.Struct):
    """Who is signed in, until when (ms), in which hotel; `dashboard`: its address, if one may see it.

    `group`: the token is for every hotel; unless one was asked for, `property_id` is then "*".
    """

    user_id: str
    role: Role
    property_id: str
    name: str
    room_id: str | None
    reservation_id: str | None
    departments: list[str]
    expires_at: int
    property: PropertySettings | None
    dashboard: str | None
    group: bool


class Revoke(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to shut out: a token (its jti), a user, or everybody of a hotel; tokens issued before now."""

    property_id: Id
    kind: Literal["token", "user", "property"]
    id: Id


async def _exchange(request: Request, live: Live) -> Exchange:
    """A stranger's body: one of those that wait."""
    with live.strangers.entered(address_of(request)):
        return await body_of(Exchange)(request)


@router.post("/api/auth/codes", **told(Code, Who, also=(429,)))
async def codes(claims: Admin, live: Live, body: Annotated[Who, Depends(body_of(Who))]) -> Response:
    """A one-time code, by an admin or a system, for nobody above themselves.

    A guest who is known to stay in the room is let in for that stay, also where it is not said.
    """
    signin.demand_grant(claims, body.role, body.property_id)
    live.limits.take(claims, "command", live.clock())
    stay = body.reservation_id or _stay(live, body)
    said = {
        "sub": body.user_id,
        "role": body.role,
        "property": body.property_id,
        "name": body.name or body.user_id,
        "departments": body.departments,
        **({"room": body.room_id} if body.room_id else {}),
        **({"stay": stay} if stay else {}),
    }
    now = live.clock()
    value = signin.code(live.settings, said, now, body.seconds)
    return give(Code(value, now // 1000 * 1000 + body.seconds * 1000))


@router.post("/api/auth/session", **told(Me, Exchange, also=(429, 503)))
async def exchange(request: Request, live: Live, body: Annotated[Exchange, Depends(_exchange)]) -> Response:
    """A code for a session: an HttpOnly cookie, and who one is. The code is used up."""
    if not same_origin(request, live.settings):
        raise forbidden("This request came from another site.")
    address = address_of(request)
    live.strangers.demand(address, body.code, live.clock())
    try:
        claims = signin.read_code(live.settings, body.code)
        value = _next(live, claims)
        if live.model.revoked(claims.token_id, claims.user_id, claims.property_id, claims.issued_at):
            raise _used()
        await _use(live, claims)
    except Unauthorized:
        live.strangers.bad(address, live.clock())
        raise
    return _session(live, value)


@router.delete("/api/auth/session", **told(Done, also=(503,)))
async def sign_out(claims: SignedIn, live: Live) -> Response:
    """Ends this session: its token is good nowhere any more."""
    before = claims.issued_at + 1
    await _revoke(live, claims.property_id, "token", claims.token_id, before, claims.user_id)
    response = give(Done())
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=_secure(live))
    return response


@router.post("/api/auth/refresh", **told(Me))
async def refresh(request: Request, claims: Browsing, live: Live) -> Response:
    """A new cookie for a session that still holds: one that a cookie says, of nobody whose stay is over."""
    if not token_of(request)[1]:
        raise forbidden("Only a session is renewed; for a new token ask who made this one.")
    if stays.over(claims, live.model.hotel(claims.property_id)):
        raise forbidden("Your stay is over.")
    value = _next(live, claims)
    await hand_on(live, claims, verify(value, live.settings).token_id)
    return _session(live, value)


@router.get("/api/auth/me", **told(Me, also=(404, 422)))
async def me(claims: SignedIn, live: Live, property_id: PropertyId = None) -> Response:
    """Who is signed in; in the hotel that is asked for, with a token for every hotel."""
    own = claims.property_id if property_id is None else hotel_of(live, claims, property_id)
    return give(_me(live, claims, own))


@router.post("/api/auth/revoke", **told(Done, Revoke, also=(404, 429, 503)))
async def revoke(claims: Admin, live: Live, body: Annotated[Revoke, Depends(body_of(Revoke))]) -> Response:
    """Shuts somebody out at every gateway, within a second. A hotel's admin: people of that hotel."""
    if not claims.in_property(body.property_id):
        raise forbidden("This property is not yours.")
    hotel = live.model.hotel(body.property_id)
    if body.kind == "property" and body.id != body.property_id:
        raise forbidden("This property is not yours.")
    if body.kind == "token" and claims.property_id != "*":
        raise forbidden("Only an admin of the whole group may revoke single tokens; revoke the user.")
    if body.kind == "user" and claims.property_id != "*" and (hotel is None or body.id not in hotel.people):
        raise unknown("user", body.id)
    check_id(body.id)
    await _revoke(live, body.property_id, body.kind, body.id, live.clock(), claims.user_id)
    return give(Done())


def _stay(live: Live, who: Who) -> str | None:
    """The stay of a guest in the room they are let in for, if the house knows of it."""
    hotel = live.model.hotel(who.property_id)
    room = hotel.rooms.get(who.room_id) if hotel and who.room_id else None
    return room.reservation_id if room and who.role == "guest" and room.guest_id == who.user_id else None


async def _use(live: Live, claims: Claims) -> None:
    """Uses a code up. Unauthorized where somebody was faster."""
    own, before, now = claims.token_id, claims.issued_at + 1, live.clock()
    record = signin.revocation(claims.property_id, "token", own, before, claims.user_id, now)
    key = T.entity_key(record.property_id, record.kind, record.id)
    placed = await write(live, T.SETTINGS, record.property_id, record, key)
    try:
        async with asyncio.timeout(SEEN_SECONDS):
            while (first := live.model.used_at(claims.property_id, claims.token_id)) is None:
                await asyncio.sleep(0.005)
    except TimeoutError as error:
        raise outcome_unknown() from error
    if first != placed.offset:
        raise _used()


def _used() -> Unauthorized:
    return Unauthorized("code_used", "This code was used already: ask for a new one.", 4401)


async def _revoke(live: Live, property_id: str, kind: str, own: str, before: int, actor_id: str) -> None:
    record = signin.revocation(property_id, kind, own, before, actor_id, live.clock())
    await write(live, T.SETTINGS, property_id, record, T.entity_key(property_id, record.kind, record.id))
    live.model.setting(record)  # here at once: the tail brings the same


def _next(live: Live, claims: Claims) -> str:
    """A session's token for these claims."""
    if claims.role not in BROWSING:
        raise forbidden(NO_BROWSER)
    return signin.token(live.settings, signin.said_of(claims), live.clock(), signin.SESSION_SECONDS)


def _session(live: Live, value: str) -> Response:
    claims = verify(value, live.settings)
    response = give(_me(live, claims, claims.property_id))
    response.set_cookie(
        COOKIE,
        value,
        max_age=signin.SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=_secure(live),
    )
    return response


def _secure(live: Live) -> bool:
    return live.settings.gateway_url.startswith("https:")


def _me(live: Live, claims: Claims, property_id: str) -> Me:
    hotel = live.model.hotel(property_id)
    return Me(
        user_id=claims.user_id,
        role=claims.role,
        property_id=property_id,
        name=claims.name,
        room_id=claims.room_id,
        reservation_id=claims.reservation_id,
        departments=list(claims.departments),
        expires_at=claims.expires_at,
        property=hotel.property if hotel else None,
        dashboard=_dashboard(live, property_id) if claims.role == "admin" else None,
        group=claims.property_id == EVERY_PROPERTY,
    )


def _dashboard(live: Live, property_id: str) -> str:
    """Cookies belong to a host, whatever the port: the dashboard is on the gateway's own."""
    own = urlsplit(live.settings.gateway_url)
    hotel = urlencode({"hotel": property_id})
    return f"{own.scheme}://{own.hostname}:{live.settings.dashboard_port}/?{hotel}"
