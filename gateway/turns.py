"""Who reads the log for a person: a few readers at once, and for each person one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from gateway.claims import Claims

# Each holds one fetch (<= 4 MiB) and a connection.
READERS = 2


class Turns:
    """Nobody who asks for what is long ago, again and again, keeps all others waiting."""

    def __init__(self, readers: int = READERS) -> None:
        self._free = asyncio.Semaphore(readers)
        self._own: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def own(self, claims: Claims) -> asyncio.Lock:
        """What this person has to hold while they read."""
        return self._own.setdefault((claims.property_id, claims.user_id), asyncio.Lock())

    @asynccontextmanager
    async def of(self, claims: Claims) -> AsyncIterator[None]:
        """This person's turn: after their own earlier ones, and once a reader is free."""
        async with self.own(claims), self._free:
            yield
