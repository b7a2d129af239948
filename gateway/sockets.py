"""The open connections of this gateway: to shut out who was revoked, and to say goodbye to all."""

from __future__ import annotations

import asyncio
from typing import Protocol

from gateway.claims import Claims
from schemas.records.settings import Revocation

# Until a close that was asked for is on the wire; the server would cut it off with a code of its own.
LAST_SECONDS = 1.0


class Connection(Protocol):
    """An open connection."""

    claims: Claims

    def shut(self, code: int, reason: str) -> None: ...

    def drain(self, after_ms: int, jitter_ms: int) -> None: ...


class Sockets:
    """Every connection whose hello was good."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()

    def add(self, one: Connection) -> None:
        """It is open."""
        self._open.add(one)

    def remove(self, one: Connection) -> None:
        """It is gone."""
        self._open.discard(one)

    def revoked(self, property_id: str, revocation: Revocation) -> None:
        """Shuts all that a revocation of this hotel ("*": of the whole group) names."""
        for one in list(self._open):
            if property_id not in (one.claims.property_id, "*"):
                continue
            own = {
                "token": one.claims.token_id,
                "user": one.claims.user_id,
                "property": one.claims.property_id,
            }[revocation.kind]
            if own == revocation.id and one.claims.issued_at < revocation.before:
                one.shut(4403, "revoked")

    async def drain(self, seconds: float) -> None:
        """Asks all to go elsewhere, spread over `seconds`, and shuts who is left."""
        for one in list(self._open):
            one.drain(0, int(seconds * 1000))
        await self._gone(seconds)
        for one in list(self._open):
            one.shut(4000, "drain")
        await self._gone(LAST_SECONDS)

    async def _gone(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while self._open and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
