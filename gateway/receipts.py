"""`got`: what has come to a person's device, said once to all who are in the chat: its delivered mark.

Sent, delivered and read are three things: acked, come to a device of the other one, and shown to them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from gateway import chat
from gateway.claims import EVERY_PROPERTY, Claims
from gateway.cursor import INDEX, BadCursor, Place
from gateway.errors import Refused
from gateway.readmodel.hotel import Hotel, Thread
from gateway.state import State
from schemas.topics import CHATS

# Between two marks of one connection: a chat in which much is said costs one a second.
EVERY_SECONDS = 1.0
THREAD = "thread:"


def due(hotel: Hotel, user_id: str, threads: Iterable[str], upto: Place) -> Iterator[tuple[str, str]]:
    """(thread, message): the newest that others said before this place of `chats`, where it is news."""
    for name in threads:
        thread = hotel.threads.get(name)
        if thread is not None and user_id in thread.members:
            message = _newest(thread, user_id, upto)
            if message is not None:
                yield name, message


def _newest(thread: Thread, user_id: str, upto: Place) -> str | None:
    known = thread.delivered.places.get(user_id, -1)
    places = thread.offsets[len(thread.offsets) - len(thread.messages) :]
    for place, message in zip(reversed(places), reversed(thread.messages), strict=True):
        if place <= known:
            return None
        if (place, 0) < upto and message.actor_id != user_id:
            return message.event_id
    return None


class Receipts:
    """What one connection says it got."""

    def __init__(self, live: State, claims: Claims) -> None:
        self._live, self._claims = live, claims
        self._waiting: dict[str, str] = {}
        self._saying: asyncio.Task[None] | None = None

    def got(self, cursor: str, channels: Iterable[str]) -> None:
        """Everything of these channels up to this cursor has come; what is no cursor here says nothing."""
        own = self._claims.property_id
        hotel = self._live.model.hotel(own) if own != EVERY_PROPERTY else None
        try:
            place = self._live.hub.cursors.decode(own, cursor)[INDEX[CHATS.name]]
        except BadCursor:
            return
        threads = [name.removeprefix(THREAD) for name in channels if name.startswith(THREAD)]
        if hotel is not None:
            self._waiting |= due(hotel, self._claims.user_id, threads, place)
        if self._waiting and (self._saying is None or self._saying.done()):
            self._saying = asyncio.create_task(self._say())

    def leave(self) -> None:
        """Says no more: another device of theirs, or this one when it is back, will."""
        if self._saying is not None:
            self._saying.cancel()

    async def _say(self) -> None:
        while self._waiting:
            for thread_id, message_id in list(self._waiting.items()):
                try:
                    await chat.deliver(
                        self._live, self._claims, self._claims.property_id, thread_id, message_id
                    )
                except Refused as no:
                    if no.retry_after is not None:  # the log is away, or may have it: the same once more
                        continue
                if self._waiting[thread_id] == message_id:
                    del self._waiting[thread_id]
            await asyncio.sleep(EVERY_SECONDS)
