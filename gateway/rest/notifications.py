"""/api/notifications: the bell's history, marks, switches, and the browsers that can be pushed to."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Response
from msgspec.structs import replace

from gateway import people, permissions
from gateway.auth import SignedIn
from gateway.claims import Claims
from gateway.commands import hotel_of
from gateway.errors import Refused, unknown
from gateway.outlet import write
from gateway.rest.answers import Ask, Decided, ask
from gateway.rest.hotel import PAGE, InHotel, Limit
from gateway.rest.vapid import public_key
from gateway.rest.wire import Done, body_of, give, told
from gateway.state import Live, State
from schemas import topics as T
from schemas.ids import derived_id
from schemas.record import Id, Line
from schemas.records.notifications import NotificationState
from schemas.records.operations import Delivery
from schemas.records.people import PeopleRecord, Preference

router = APIRouter(tags=["notifications"])


class History(msgspec.Struct):
    """One's own notifications, newest first, and how many are not seen yet."""

    notifications: list[NotificationState]
    unread: int
    cur: str


class Switches(msgspec.Struct):
    """What is not listed is on."""

    switches: list[Preference]


class VapidKey(msgspec.Struct):
    """The public key browsers subscribe with (base64url). A subscription made with another one is dead."""

    vapid_key: str


class Keys(msgspec.Struct):
    """A browser's keys, base64url."""

    p256dh: Line
    auth: Line


class Subscribe(msgspec.Struct):
    """PushSubscription.toJSON() of a browser."""

    endpoint: Annotated[str, msgspec.Meta(max_length=people.MAX_ENDPOINT_CHARS)]
    keys: Keys


class Unsubscribe(msgspec.Struct):
    """The browser that shall be pushed to no more."""

    endpoint: Annotated[str, msgspec.Meta(max_length=people.MAX_ENDPOINT_CHARS)]


class Subscribed(msgspec.Struct):
    """The subscription's id; the service worker says it in its beacons."""

    subscription_id: str


class Beacon(msgspec.Struct):
    """A service worker got a push, or showed it."""

    notification_id: Id
    subscription_id: Id
    state: Literal["delivered", "shown"]


@router.get("/api/notifications/history", **told(History, also=(404, 422)))
async def history(claims: SignedIn, live: Live, hotel: InHotel, limit: Limit = PAGE) -> Response:
    """The bell, on every device the same."""
    bell = hotel.notifications.get(claims.user_id, {})
    newest = sorted(bell.values(), key=lambda one: (one.notified_at, one.notification_id), reverse=True)
    unread = sum(1 for one in newest if one.status == "unseen")
    return give(History(newest[:limit], unread, live.hub.cursor(hotel.property_id)))


@router.post(
    "/api/notifications/history",
    **told(Decided, Ask, also=(202, 404, 409, 429, 503), commands=permissions.of("notifications")),
)
async def mark(claims: SignedIn, live: Live, body: Annotated[Ask, Depends(body_of(Ask))]) -> Response:
    """`cmd`: mark, with `ids` (none: all) and `status` seen or read."""
    return await ask(live, claims, "notifications", body)


@router.get("/api/notifications/preferences", **told(Switches, also=(404, 422)))
async def preferences(claims: SignedIn, hotel: InHotel) -> Response:
    """One's own switches."""
    known = hotel.preferences.get(claims.user_id)
    return give(Switches(known.switches if known else []))


@router.put("/api/notifications/preferences", **told(Switches, Switches, also=(404, 429, 503)))
async def set_preferences(
    claims: SignedIn, live: Live, body: Annotated[Switches, Depends(body_of(Switches))]
) -> Response:
    """Sets the switches that are said; the others stay. Emergencies are always told."""
    property_id = hotel_of(live, claims, None)
    live.limits.take(claims, "command", live.clock())
    known = live.model.of(property_id).preferences.get(claims.user_id)
    wanted = people.preferences(claims.user_id, known, body.switches)
    await keep(live, property_id, "preferences", claims.user_id, preferences=wanted)
    return give(Switches(wanted.switches))


@router.get("/api/notifications/push", **told(VapidKey, also=(503,)))
async def push_key(claims: SignedIn, live: Live) -> Response:
    """The key to subscribe with."""
    return give(VapidKey(public_key(live.settings)))


@router.post("/api/notifications/push", **told(Subscribed, Subscribe, also=(404, 429, 503)))
async def subscribe(
    claims: SignedIn, live: Live, body: Annotated[Subscribe, Depends(body_of(Subscribe))]
) -> Response:
    """This browser wants to be pushed to; said again at every page load, with one effect."""
    property_id = hotel_of(live, claims, None)
    live.limits.take(claims, "command", live.clock())
    key = public_key(live.settings)
    wanted = people.subscription(
        claims, body.endpoint, body.keys.p256dh, body.keys.auth, key, people.Allowed.of(live.settings)
    )
    known = live.model.of(property_id).subscriptions
    # A browser is one person's at a time: who used it before is told nothing more there.
    before = [
        one for one in known.values() if one.endpoint == wanted.endpoint and one.user_id != claims.user_id
    ]
    for one in before:
        await forget(live, property_id, one.subscription_id)
    if known.get(wanted.subscription_id) != wanted:
        await keep(live, property_id, "subscription", wanted.subscription_id, subscription=wanted)
    return give(Subscribed(wanted.subscription_id))


@router.delete("/api/notifications/push", **told(Done, Unsubscribe, also=(404, 429, 503)))
async def unsubscribe(
    claims: SignedIn, live: Live, body: Annotated[Unsubscribe, Depends(body_of(Unsubscribe))]
) -> Response:
    """No more pushes to this browser."""
    property_id = hotel_of(live, claims, None)
    live.limits.take(claims, "command", live.clock())
    own = people.subscription_id(claims.user_id, body.endpoint)
    if own in live.model.of(property_id).subscriptions:
        await forget(live, property_id, own)
    return give(Done())


@router.post("/api/notifications/push/beacon", **told(Done, Beacon, also=(404, 429, 503)))
async def beacon(claims: SignedIn, live: Live, body: Annotated[Beacon, Depends(body_of(Beacon))]) -> Response:
    """The only proof that a push arrived; the same one again has no effect."""
    property_id = hotel_of(live, claims, None)
    live.limits.take(claims, "command", live.clock())
    known = live.model.of(property_id).subscriptions.get(body.subscription_id)
    if known is None or known.user_id != claims.user_id:
        raise unknown("subscription", body.subscription_id)
    record = Delivery(
        event_id=derived_id("beacon", body.subscription_id, body.notification_id, body.state),
        property_id=property_id,
        notification_id=body.notification_id,
        user_id=claims.user_id,
        subscription_id=body.subscription_id,
        state=body.state,
        at=live.clock(),
    )
    await write(live, T.DELIVERIES, property_id, record)
    return give(Done())


async def hand_on(live: State, claims: Claims, token_id: str) -> None:
    """What the session's token subscribed is from now on its next token's, and ends with that one."""
    hotel = live.model.hotel(claims.property_id)
    for one in list(hotel.subscriptions.values()) if hotel else ():
        if one.user_id == claims.user_id and one.token_id == claims.token_id:
            # A session goes on without the log, too; its page says the subscription anew when it loads.
            with suppress(Refused):
                wanted = replace(one, token_id=token_id)
                await keep(live, claims.property_id, "subscription", one.subscription_id, subscription=wanted)


async def forget(live: State, property_id: str, subscription_id: str) -> None:
    """A browser is pushed to no more."""
    await write(live, T.PEOPLE, property_id, None, T.entity_key(property_id, "subscription", subscription_id))


async def keep(live: Live, property_id: str, kind: str, own_id: str, **body: Any) -> None:
    """One record of `people`, under its own key."""
    if not own_id:
        raise Refused(400, "invalid", "An id is needed.")
    record = PeopleRecord(property_id=property_id, kind=kind, id=own_id, at=live.clock(), **body)
    await write(live, T.PEOPLE, property_id, record, T.entity_key(property_id, kind, own_id))
