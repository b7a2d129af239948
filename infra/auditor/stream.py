"""A canary on server-sent events: all that it hears of one hotel, as it comes over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import aiohttp
import structlog

from gateway.client import comeback, frames
from gateway.client.core import CURRENT_BEATS
from gateway.client.rest import GetToken
from gateway.protocol import HEARTBEAT_MS
from infra.auditor.expected import channels
from infra.auditor.hearing import Hearing

log = structlog.get_logger()
EVENTS = "/api/websocket/events"
# A snapshot comes as one line.
MOST_LINE_BYTES = 8 * 1024 * 1024
# Silence of so many heartbeats: the stream is dead, whatever the connection says.
SILENT_BEATS = 2.5


class StreamCanary:
    """Hears the channels of the first of the audited hotels: a stream is of one hotel."""

    def __init__(self, name: str, url: str, token: GetToken, hearing: Hearing) -> None:
        self.name = name
        self.url = url
        self._token = token
        self._hearing = hearing
        self._hotel: str | None = None
        self._chosen = asyncio.Event()
        self._cursor: str | None = None
        self._joined: set[str] = set()
        self._stale = False
        self._heard_at = 0.0

    @property
    def current(self) -> bool:
        """Whether it hears what is true now."""
        age = asyncio.get_running_loop().time() - self._heard_at
        fresh = age * 1000 <= CURRENT_BEATS * HEARTBEAT_MS
        return fresh and not self._stale and len(self._joined) == len(channels("h"))

    def follow(self, hotels: Collection[str]) -> None:
        """From now on it hears of the first of these hotels."""
        hotel = min(hotels, default=None)
        if hotel != self._hotel:
            self._hotel = hotel
            self._joined.clear()
            self._hearing.audit.enter(self.name, self.url)
            for channel in channels(hotel) if hotel else ():
                self._hearing.audit.watch(self.name, channel, self._hearing.floor(hotel or ""))
            self._chosen.set()

    async def run(self) -> None:
        """For ever: comes back with its cursor, to another hotel without one."""
        failures = 0
        self._hearing.audit.enter(self.name, self.url)
        async with aiohttp.ClientSession(self.url, read_bufsize=MOST_LINE_BYTES) as http:
            while True:
                self._chosen.clear()
                if self._hotel is None:
                    await self._chosen.wait()
                    continue
                began, hotel = asyncio.get_running_loop().time(), self._hotel
                listening = asyncio.create_task(self._listen(http, hotel))
                changing = asyncio.create_task(self._chosen.wait())
                try:
                    await asyncio.wait((listening, changing), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in (listening, changing):
                        task.cancel()
                    await asyncio.gather(listening, changing, return_exceptions=True)
                self._joined.clear()
                self._stale = False
                if self._hotel != hotel:
                    self._cursor = None
                long = asyncio.get_running_loop().time() - began > comeback.MOST_SECONDS
                failures = 0 if long else failures + 1
                await asyncio.sleep(comeback.delay(failures, 0.5))

    async def _listen(self, http: aiohttp.ClientSession, hotel: str) -> None:
        """Until the stream ends, breaks or falls silent."""
        ask = [("ch", channel) for channel in channels(hotel)]
        if self._cursor is not None:
            ask.append(("cur", self._cursor))
        headers = {"Authorization": f"Bearer {await self._token()}"}
        quiet = SILENT_BEATS * HEARTBEAT_MS / 1000
        silent = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=quiet)
        cursor = ""
        try:
            async with http.get(EVENTS, params=ask, headers=headers, timeout=silent) as answer:
                answer.raise_for_status()
                async for line in answer.content:
                    self._heard_at = asyncio.get_running_loop().time()
                    if line.startswith(b"id: "):
                        cursor = line[4:].strip().decode()
                    elif line.startswith(b"data: "):
                        self._take(line[6:])
                        self._cursor, cursor = cursor or self._cursor, ""
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.info("the stream is gone", canary=self.name, error=repr(error))

    def _take(self, json: bytes) -> None:
        match frames.read(json):
            case frames.Subbed() as frame:
                if frame.snapshot is not None:
                    self._hearing.joined(self.name, frame.ch, frame.cur)
                self._joined.add(frame.ch)
            case frames.Ev() as frame:
                self._hearing.heard(self.name, frame.ch, frame.type, frame.id, frame.cur, frame.d)
            case frames.Stale(since=since):
                self._stale = since is not None
            case _:
                pass
