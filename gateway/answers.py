"""Who waits for what the tail will see: an agent's answer to a command, a chat event's first occurrence.

And what was said here under which id: one that comes again with something else to say is a client's mistake.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from gateway.cursor import Vector
from gateway.errors import Refused
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent

# Repeats come within seconds of a lost ack; this many ids are some minutes of a busy gateway.
KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What the tail saw, and how far all was told by then. `answer` is None for a chat event."""

    vector: Vector
    answer: AnswerHeader | None = None


Key = tuple[str, str]


def id_taken() -> Refused:
    """An id stands for one thing that one person said; an ack of another one would be a lie."""
    return Refused(409, "id_taken", "This id was used for something else: make a new one.")


class Answers:
    """Waiters and the newest of what was heard, by (property_id, command or event id)."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._heard: OrderedDict[Key, Heard] = OrderedDict()
        self._waiting: dict[Key, list[asyncio.Future[Heard]]] = {}
        self._said: OrderedDict[Key, int] = OrderedDict()

    def take(self, property_id: str, own_id: str, said: int) -> None:
        """This (its hash) is said under this id. Refused 409 where other words were, here and lately."""
        if self._said.setdefault((property_id, own_id), said) != said:
            raise id_taken()
        if len(self._said) > self._kept:
            self._said.popitem(last=False)

    def known(self, property_id: str, own_id: str) -> Heard | None:
        """What was heard of this id before, if it is not too long ago."""
        return self._heard.get((property_id, own_id))

    async def wait(self, property_id: str, own_id: str, seconds: float) -> Heard | None:
        """What is heard of this id; None after `seconds`."""
        key = (property_id, own_id)
        if key in self._heard:
            return self._heard[key]
        waiter: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(waiter)
        try:
            # Not `wait_for`: it forgets that it was cancelled, where the answer comes at that moment.
            async with asyncio.timeout(seconds):
                return await waiter
        except TimeoutError:
            return None
        finally:
            left = self._waiting.get(key, [])
            if waiter in left:
                left.remove(waiter)
            if not left:
                self._waiting.pop(key, None)

    def decided(self, answer: AnswerHeader, vector: Vector) -> None:
        """The tail saw an answer that counts. Answers to ticks and facts are nobody's to wait for."""
        self._tell((answer.property_id, answer.causation_id), Heard(vector, answer))

    def chatted(self, event: ChatEvent, vector: Vector) -> None:
        """The tail saw a chat event for the first time."""
        self._tell((event.property_id, event.event_id), Heard(vector))

    def _tell(self, key: Key, heard: Heard) -> None:
        if key in self._heard:
            return  # the first answer is the answer
        self._heard[key] = heard
        if len(self._heard) > self._kept:
            self._heard.popitem(last=False)
        for waiter in self._waiting.pop(key, []):
            if not waiter.done():
                waiter.set_result(heard)
