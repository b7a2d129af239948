"""Who is connected: each gateway says changes at once and everybody every 30 s; all fold that. Pure.

A change costs what it is about, however many are connected. Times are ms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.claims import EVERY_PROPERTY, Claims
from gateway.events import Said
from schemas.records.base import Role
from schemas.records.signals import Connected, PresenceChange, Signal
from schemas.records.signals import Presence as Whole

SAY_EVERY_MS = 30_000
FORGET_AFTER_MS = 45_000
# A reload or a lift's dead spot is no leave.
GRACE_MS = 5_000


@dataclass(slots=True)
class _Own:
    """A person's sockets here, and how many of them are not looked at; `shown_away`: as it is said."""

    role: Role
    sockets: int = 0
    away: int = 0
    shown_away: bool = False


@dataclass(slots=True)
class _House:
    """What each gateway said last of a hotel, and when; who that makes connected to any of them."""

    heard_at: dict[str, int] = field(default_factory=dict)
    people: defaultdict[str, dict[str, Connected]] = field(default_factory=lambda: defaultdict(dict))
    online: dict[str, Connected] = field(default_factory=dict)


class Presence:
    """Own sockets by hotel and person, and what every gateway said."""

    def __init__(self, gateway_id: str) -> None:
        self.gateway_id = gateway_id
        self._own: dict[str, dict[str, _Own]] = {}
        # Those with no socket any more, since when; the oldest first.
        self._left: dict[tuple[str, str], int] = {}
        self._changed: dict[str, set[str]] = {}
        self._said: dict[str, int] = {}
        self._houses: dict[str, _House] = {}

    def opened(self, claims: Claims) -> None:
        """One more socket of this person, which is looked at."""
        if not _counted(claims):
            return
        people = self._own.setdefault(claims.property_id, {})
        own = people.get(claims.user_id)
        if own is None or own.role != claims.role:
            own = people.setdefault(claims.user_id, _Own(claims.role))
            own.role = claims.role
            self._note(claims)
        self._left.pop((claims.property_id, claims.user_id), None)
        own.sockets += 1
        self._look(claims, own)

    def closed(self, claims: Claims, now: int, away: bool = False) -> None:
        """One socket less, which was `away` or not; gone only after the grace."""
        own = self._own.get(claims.property_id, {}).get(claims.user_id)
        if own is None or not _counted(claims):
            return
        own.sockets -= 1
        own.away -= away
        if own.sockets:
            self._look(claims, own)
        else:
            self._left[claims.property_id, claims.user_id] = now

    def looked(self, claims: Claims, away: bool) -> None:
        """One of this person's sockets is looked at, or is no more: a change."""
        own = self._own.get(claims.property_id, {}).get(claims.user_id)
        if own is not None and _counted(claims):
            own.away += 1 if away else -1
            self._look(claims, own)

    def renewed(self, before: Claims, claims: Claims, now: int, away: bool) -> None:
        """One of this person's sockets has another token, of another role perhaps."""
        self.closed(before, now, away)
        self.opened(claims)
        if away:
            self.looked(claims, away)

    def due(self, now: int) -> list[Signal]:
        """What this gateway has to say now."""
        for (property_id, user_id), left_at in list(self._left.items()):
            if now - left_at < GRACE_MS:
                break
            del self._left[property_id, user_id], self._own[property_id][user_id]
            self._changed.setdefault(property_id, set()).add(user_id)
        found = []
        changed, self._changed = self._changed, {}
        for property_id, people in list(self._own.items()):
            if now - self._said.get(property_id, 0) >= SAY_EVERY_MS:
                self._said[property_id] = now
                whole = Whole(people=_connected(people, people))
                found.append(self._signal(property_id, now, presence=whole))
            elif users := changed.get(property_id):
                here = _connected(people, users)
                gone = sorted(users - people.keys())
                found.append(self._signal(property_id, now, change=PresenceChange(people=here, gone=gone)))
            if not people:
                del self._own[property_id]
        return found

    def unsaid(self, property_id: str) -> None:
        """What this gateway had to say of the hotel may not be on the log: all of it is due again."""
        self._said.pop(property_id, None)

    def deaf(self, now: int) -> None:
        """Nothing could be heard until now: nobody else was silent."""
        for house in self._houses.values():
            house.heard_at = dict.fromkeys(house.heard_at, now)

    def heard(self, said: Signal, now: int) -> list[Said]:
        """Takes what a gateway said and gives the changes."""
        house = self._houses.setdefault(said.property_id, _House())
        people = house.people[said.gateway_id]
        house.heard_at[said.gateway_id] = now
        touched: set[str] = set()
        if said.presence is not None:
            whole = {one.user_id: one for one in said.presence.people}
            touched = {user for user in people.keys() | whole.keys() if people.get(user) != whole.get(user)}
            house.people[said.gateway_id] = whole
        if said.change is not None:
            for one in said.change.people:
                people[one.user_id] = one
            for user_id in said.change.gone:
                people.pop(user_id, None)
            touched = {one.user_id for one in said.change.people} | set(said.change.gone)
        return self._changes(said.property_id, house, touched, now)

    def expire(self, now: int) -> list[tuple[str, Said]]:
        """Forgets silent gateways and gives (hotel, change)."""
        found: list[tuple[str, Said]] = []
        for property_id, house in list(self._houses.items()):
            for name in [name for name, at in house.heard_at.items() if now - at > FORGET_AFTER_MS]:
                del house.heard_at[name]
                users = house.people.pop(name)
                found += [(property_id, one) for one in self._changes(property_id, house, users, now)]
            if not house.heard_at:
                del self._houses[property_id]
        return found

    def online(self, property_id: str) -> list[dict[str, Any]]:
        """Everybody who is connected to any gateway: {user_id, role, state}."""
        house = self._houses.get(property_id, _House())
        return [
            {"user_id": user_id, "role": one.role, "state": _state(one)}
            for user_id, one in house.online.items()
        ]

    def _look(self, claims: Claims, own: _Own) -> None:
        away = own.away >= own.sockets
        if away != own.shown_away:
            own.shown_away = away
            self._note(claims)

    def _note(self, claims: Claims) -> None:
        self._changed.setdefault(claims.property_id, set()).add(claims.user_id)

    def _signal(self, property_id: str, now: int, **what: Any) -> Signal:
        return Signal(property_id=property_id, gateway_id=self.gateway_id, at=now, **what)

    def _changes(self, property_id: str, house: _House, users: Iterable[str], now: int) -> list[Said]:
        found = []
        for user_id in sorted(users):
            was, now_is = house.online.pop(user_id, None), _anywhere(house, user_id)
            if now_is is not None:
                house.online[user_id] = now_is
            known = now_is or was
            again = was is not None and now_is is not None and was.role == now_is.role
            if known is not None and not (again and _state(was) == _state(now_is)):
                d = {"user_id": user_id, "role": known.role, "state": _state(now_is)}
                channels = (f"staff:{property_id}", f"ops:{property_id}")
                kind = "guest_online" if known.role == "guest" else "staff_online"
                found.append(Said(kind, channels, f"{user_id}/{now}", now, 0, d))  # type: ignore[arg-type]  # one of two literals
        return found


def _counted(claims: Claims) -> bool:
    """Whether others see that they are here: people of one hotel."""
    return claims.property_id != EVERY_PROPERTY and claims.role not in ("system", "data")


def _connected(people: dict[str, _Own], users: Iterable[str]) -> list[Connected]:
    return [
        Connected(user_id=user_id, role=people[user_id].role, away=people[user_id].shown_away)
        for user_id in users
        if user_id in people
    ]


def _anywhere(house: _House, user_id: str) -> Connected | None:
    """The person at the gateway where they look, else at any."""
    here = [people[user_id] for people in house.people.values() if user_id in people]
    return min(here, key=lambda one: one.away, default=None)


def _state(one: Connected | None) -> str:
    if one is None:
        return "offline"
    return "away" if one.away else "connected"
