"""`signals`: what is true for moments. Never in the warehouse, never behind a cursor."""

from __future__ import annotations

from schemas.record import Id, Millis, Record
from schemas.records.base import Role


class Typing(Record, frozen=True, kw_only=True):
    """Somebody types in a thread; over by itself 12 s later."""

    thread_id: Id
    user_id: Id
    on: bool


class Connected(Record, frozen=True, kw_only=True):
    """One person with a socket at the gateway; `away`: no tab of theirs is looked at."""

    user_id: Id
    role: Role
    away: bool = False


class Presence(Record, frozen=True, kw_only=True):
    """Everybody of the hotel who is connected to this gateway, every 30 s."""

    people: list[Connected]


class PresenceChange(Record, frozen=True, kw_only=True):
    """Who came to this gateway or looks away, or looks again, and who has left it, since the last word."""

    people: list[Connected] = []
    gone: list[Id] = []


class Signal(Record, frozen=True, kw_only=True):
    """One signal of one gateway."""

    property_id: Id
    gateway_id: Id
    at: Millis
    typing: Typing | None = None
    presence: Presence | None = None
    change: PresenceChange | None = None
