"""`people`: names, preferences, push subscriptions. Compacted, so that a person can be erased."""

from __future__ import annotations

from schemas.record import Id, Line, Millis, Record
from schemas.records.base import Role
from schemas.records.notifications import Category, Channel


class Person(Record, frozen=True, kw_only=True):
    """Who a user id is. Facts name people by id only."""

    user_id: Id
    role: Role
    name: Line
    language: Line = "en"
    departments: list[Line] = []
    room_id: Id | None = None


class Preference(Record, frozen=True, kw_only=True):
    """One switch: this category by this channel."""

    category: Category
    channel: Channel
    on: bool


class Preferences(Record, frozen=True, kw_only=True):
    """A person's switches; what is not said is on."""

    user_id: Id
    switches: list[Preference]


class PushSubscription(Record, frozen=True, kw_only=True):
    """A browser that can be pushed to (RFC 8030); keys base64url, bound to our VAPID public key.

    `token_id`: of the token (its jti) that speaks for the browser; the subscription ends with it.
    """

    subscription_id: Id
    user_id: Id
    endpoint: str
    p256dh: Line
    auth: Line
    vapid_key: Line
    token_id: Id | None = None


class PeopleRecord(Record, frozen=True, kw_only=True):
    """One record of `people`; `kind` (person, preferences, subscription) names the field that is set."""

    property_id: Id
    kind: Line
    id: Id
    at: Millis
    person: Person | None = None
    preferences: Preferences | None = None
    subscription: PushSubscription | None = None
