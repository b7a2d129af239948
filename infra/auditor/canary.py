"""A canary on a socket: the product's own Python client, on one kind of channel of the audited hotels."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from contextlib import suppress

import structlog

from gateway.client import Client, Refused
from gateway.client.rest import GetToken
from infra.auditor.audit import hotel_of
from infra.auditor.expected import TOPIC_OF
from infra.auditor.hearing import Hearing, noted, now_ms

log = structlog.get_logger()
AGAIN_SECONDS = 5.0


class SocketCanary:
    """Hears `kind` channels. Its client gives an event that comes on two channels once: so one kind each."""

    def __init__(self, name: str, url: str, kind: str, token: GetToken, hearing: Hearing) -> None:
        self.name = name
        self.url = url
        self._kind = kind
        self._token = token
        self._hearing = hearing
        self._client: Client | None = None
        self._wanted: set[str] = set()
        self._repeats = Counter[str]()
        self._subs: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> bool:
        """Whether it hears what is true now."""
        return self._client is not None and bool(self._wanted) and self._client.current

    def follow(self, hotels: Collection[str]) -> None:
        """From now on it hears of these hotels."""
        wanted = {f"{self._kind}:{own}" for own in hotels}
        for channel in self._wanted - wanted:
            self._hearing.audit.leave(self.name, channel)
            if self._client is not None:
                self._client.unsub(channel)
        for channel in wanted - self._wanted:
            self._listen(channel)
        self._wanted = wanted

    def again(self) -> None:
        """Counts what its client was given twice since the last call."""
        if self._client is None:
            return
        for event_type in TOPIC_OF:
            count = self._client.repeated.get(event_type, 0)
            more = count - self._repeats[event_type]
            self._repeats[event_type] = count
            noted(self._hearing.audit.again(self.name, event_type, more, now_ms()))

    async def run(self) -> None:
        """For ever; a client that is sent away for good begins anew."""
        try:
            while True:
                self._hearing.audit.enter(self.name, self.url)
                async with Client(self.url, self._token) as self._client:
                    self._repeats.clear()
                    for channel in self._wanted:
                        self._listen(channel)
                    with suppress(Refused):
                        await self._hear(self._client)
                self._client = None
                log.warning("a canary was sent away", canary=self.name)
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self._client = None

    async def _hear(self, client: Client) -> None:
        async for event in client.events():
            if event.type == "snapshot" and event.cur is not None:
                self._hearing.joined(self.name, event.ch, event.cur)
            else:
                self._hearing.heard(self.name, event.ch, event.type, event.id, event.cur, event.d)

    def _listen(self, channel: str) -> None:
        if self._client is None:
            return
        self._hearing.audit.watch(self.name, channel, self._hearing.floor(hotel_of(channel)))
        task = asyncio.create_task(self._sub(self._client, channel))
        self._subs.add(task)
        task.add_done_callback(self._subs.discard)

    async def _sub(self, client: Client, channel: str) -> None:
        try:
            await client.sub(channel)
        except Refused as refusal:
            log.warning("a canary may not hear a channel", canary=self.name, why=refusal.code)
