"""The open connections of this gateway: to shut out who was revoked, to warn and to say goodbye to all."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from gateway.claims import Claims
from schemas.records.settings import Revocation

# Until a close that was asked for is on the wire; the server would cut it off with a code of its own.
LAST_SECONDS = 1.0
# Clients that leave come to another gateway, where a handshake is 2 ms of CPU: so many a second, unless so
# many are here that it would take longer than who stops this process waits.
LEAVE_PER_SECOND = 200.0
LEAVE_MOST_SECONDS = 12.0
# In one turn of so many ms the clients that are asked spread themselves.
LEAVE_TURN_MS = 50
# Who was asked and is still here after this goes by the close code.
LEAVE_SECONDS = 2.0


class Connection(Protocol):
    """An open connection."""

    claims: Claims

    def shut(self, code: int, reason: str) -> None: ...

    def drain(self, jitter_ms: int) -> None: ...

    def control(self, frame: dict[str, Any]) -> None: ...

    def recheck(self) -> None: ...


class Sockets:
    """Every connection whose hello was good, whatever its transport.

    `most_of_one`: tabs and devices of one person; a further one takes the place of the oldest.
    """

    def __init__(self, most_of_one: int) -> None:
        self.most_of_one = most_of_one
        # Dicts keep order: the first of a person is the oldest.
        self._people: dict[tuple[str, str], dict[Connection, None]] = {}

    @property
    def _open(self) -> list[Connection]:
        return [one for own in self._people.values() for one in own]

    def add(self, one: Connection) -> None:
        """It is open."""
        own = self._people.setdefault(_person(one), {})
        own[one] = None
        if len(own) > self.most_of_one:
            oldest = next(iter(own))
            self.remove(oldest)
            oldest.shut(4409, "superseded")

    def remove(self, one: Connection) -> None:
        """It is gone."""
        own = self._people.get(_person(one), {})
        own.pop(one, None)
        if not own:
            self._people.pop(_person(one), None)

    def stale(self, since: int | None) -> None:
        """Says to all since when (ms) what they see may be old; None: it is current again."""
        for one in self._open:
            one.control(stale(since))

    def revoked(self, property_id: str, revocation: Revocation) -> None:
        """Shuts all that a revocation of this hotel ("*": of the whole group) names."""
        for one in self._open:
            if property_id not in (one.claims.property_id, "*"):
                continue
            own = {
                "token": one.claims.token_id,
                "user": one.claims.user_id,
                "property": one.claims.property_id,
            }[revocation.kind]
            if own == revocation.id and one.claims.issued_at < revocation.before:
                one.shut(4403, "revoked")

    def moved(self, property_id: str) -> None:
        """Guests of this hotel came, moved or left: whose room it is no more hears no more of it."""
        for (own, _), connections in list(self._people.items()):
            if own == property_id:
                for one in list(connections):
                    if one.claims.role == "guest":
                        one.recheck()

    async def drain(self) -> None:
        """Asks one after the other to go elsewhere, so that they come there spread; shuts who stays."""
        loop = asyncio.get_running_loop()
        waiting = self._open
        began, each = loop.time(), min(1 / LEAVE_PER_SECOND, LEAVE_MOST_SECONDS / max(1, len(waiting)))
        for number, one in enumerate(waiting):
            ahead = began + number * each - loop.time()
            if ahead > LEAVE_TURN_MS / 1000:
                await asyncio.sleep(ahead)
            one.drain(LEAVE_TURN_MS)
        await self._gone(LEAVE_SECONDS)
        for one in self._open:
            one.shut(4000, "drain")
        await self._gone(LAST_SECONDS)

    async def _gone(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while self._open and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)


def stale(since: int | None) -> dict[str, Any]:
    """The frame that says so."""
    return {"t": "stale", "since": since}


def _person(one: Connection) -> tuple[str, str]:
    return one.claims.property_id, one.claims.user_id
