"""Who is connected: each gateway says it per hotel, all fold that, a silent one is forgotten. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.claims import EVERY_PROPERTY, Claims
from gateway.events import Said
from schemas.records.base import Role
from schemas.records.signals import Connected  # fmt: skip
from schemas.records.signals import Presence as Whole

SAY_EVERY_MS = 30_000
FORGET_AFTER_MS = 45_000
# A reload or a lift's dead spot is no leave.
GRACE_MS = 5_000


@dataclass(slots=True)
class _Own:
    role: Role
    sockets: int = 0
    away: bool = False
    left_at: int | None = None


@dataclass(slots=True)
class _Heard:
    at: int
    people: dict[str, Connected] = field(default_factory=dict)


class Presence:
    """Own sockets by hotel and person, and what every gateway said. Times are ms."""

    def __init__(self, gateway_id: str) -> None:
        self.gateway_id = gateway_id
        self._own: dict[str, dict[str, _Own]] = {}
        self._said: dict[str, int] = {}
        self._dirty: set[str] = set()
        self._heard: dict[str, dict[str, _Heard]] = {}

    def opened(self, claims: Claims) -> None:
        """One more socket of this person."""
        if claims.property_id == EVERY_PROPERTY or claims.role in ("system", "data"):
            return
        people = self._own.setdefault(claims.property_id, {})
        own = people.get(claims.user_id)
        if own is None:
            own = people[claims.user_id] = _Own(claims.role)
            self._dirty.add(claims.property_id)
        own.sockets += 1
        own.left_at = None

    def closed(self, claims: Claims, now: int) -> None:
        """One socket less; gone only after the grace."""
        own = self._own.get(claims.property_id, {}).get(claims.user_id)
        if own is not None:
            own.sockets -= 1
            if own.sockets <= 0:
                own.left_at = now

    def looked(self, claims: Claims, away: bool) -> None:
        """The person's page is looked at, or not."""
        own = self._own.get(claims.property_id, {}).get(claims.user_id)
        if own is not None and own.away != away:
            own.away = away
            self._dirty.add(claims.property_id)

    def due(self, now: int) -> list[tuple[str, Whole]]:
        """What this gateway has to say now: (hotel, everybody connected here)."""
        found = []
        for property_id, people in list(self._own.items()):
            for user_id, own in list(people.items()):
                if own.left_at is not None and now - own.left_at >= GRACE_MS:
                    del people[user_id]
                    self._dirty.add(property_id)
            if property_id in self._dirty or now - self._said.get(property_id, 0) >= SAY_EVERY_MS:
                here = [Connected(user_id=u, role=own.role, away=own.away) for u, own in people.items()]
                found.append((property_id, Whole(people=here)))
                self._said[property_id] = now
                self._dirty.discard(property_id)
                if not people:
                    del self._own[property_id]
        return found

    def heard(self, property_id: str, gateway_id: str, whole: Whole, now: int) -> list[Said]:
        """Takes what a gateway said and gives the changes."""
        before = self._merged(property_id)
        gateways = self._heard.setdefault(property_id, {})
        gateways[gateway_id] = _Heard(now, {one.user_id: one for one in whole.people})
        return self._changes(property_id, before, now)

    def expire(self, now: int) -> list[tuple[str, Said]]:
        """Forgets silent gateways and gives (hotel, change)."""
        found: list[tuple[str, Said]] = []
        for property_id, gateways in list(self._heard.items()):
            silent = [name for name, said in gateways.items() if now - said.at > FORGET_AFTER_MS]
            if silent:
                before = self._merged(property_id)
                for name in silent:
                    del gateways[name]
                found += [(property_id, one) for one in self._changes(property_id, before, now)]
                if not gateways:
                    del self._heard[property_id]
        return found

    def online(self, property_id: str) -> list[dict[str, Any]]:
        """Everybody who is connected to any gateway: {user_id, role, state}."""
        return [
            {"user_id": user_id, "role": one.role, "state": _state(one)}
            for user_id, one in self._merged(property_id).items()
        ]

    def _merged(self, property_id: str) -> dict[str, Connected]:
        found: dict[str, Connected] = {}
        for said in self._heard.get(property_id, {}).values():
            for user_id, one in said.people.items():
                if user_id not in found or found[user_id].away:
                    found[user_id] = one
        return found

    def _changes(self, property_id: str, before: dict[str, Connected], now: int) -> list[Said]:
        after = self._merged(property_id)
        found = []
        for user_id in sorted(before.keys() | after.keys()):
            was, now_is = before.get(user_id), after.get(user_id)
            known = now_is or was
            assert known is not None
            if _state(was) != _state(now_is):
                d = {"user_id": user_id, "role": known.role, "state": _state(now_is)}
                channels = (f"staff:{property_id}", f"ops:{property_id}")
                kind = "guest_online" if known.role == "guest" else "staff_online"
                found.append(Said(kind, channels, f"{user_id}/{now}", now, 0, d))  # type: ignore[arg-type]  # one of two literals
        return found


def _state(one: Connected | None) -> str:
    if one is None:
        return "offline"
    return "away" if one.away else "connected"
