"""Who is writing in which chat: over by itself, with the message, and with the chat. Pure; times are ms."""

from __future__ import annotations

from gateway.events import Said
from schemas.records.signals import Signal, Typing

# Clients say it again every 5 s while it is true.
TYPES_FOR_MS = 12_000

Typist = tuple[str, str, str]
"""(hotel, thread, user)"""


class Typists:
    """Those of all gateways, each until when."""

    def __init__(self) -> None:
        self._until: dict[Typist, int] = {}
        # Word of the typing comes by another way than the message, and may come after it.
        self._sent: dict[Typist, int] = {}

    def heard(self, signal: Signal, one: Typing, now: int) -> list[Said]:
        """Somebody types, or no more. Nothing where it is old, or they have sent what they typed since."""
        typist = signal.property_id, one.thread_id, one.user_id
        if now - signal.at >= TYPES_FOR_MS or signal.at <= self._sent.get(typist, 0):
            return []
        if not one.on:
            return self._over(typist, signal.at)
        self._until[typist] = now + TYPES_FOR_MS
        return [_said(typist, True, signal.at)]

    def sent(self, property_id: str, thread_id: str, user_id: str, at: int) -> list[Said]:
        """A message of theirs is on the log since `at`: they do not type it any more."""
        typist = property_id, thread_id, user_id
        self._sent.pop(typist, None)
        self._sent[typist] = at
        return self._over(typist, at)

    def closed(self, property_id: str, thread_id: str, at: int) -> list[Said]:
        """The chat is closed since `at`: nobody types in it any more."""
        there = [typist for typist in self._until if typist[:2] == (property_id, thread_id)]
        return [said for typist in there for said in self._over(typist, at)]

    def expire(self, now: int) -> list[tuple[str, Said]]:
        """Those who said it no more: (hotel, what is told of it)."""
        for typist, at in list(self._sent.items()):
            if now - at < TYPES_FOR_MS:
                break
            del self._sent[typist]
        silent = [typist for typist, until in self._until.items() if until <= now]
        return [(typist[0], said) for typist in silent for said in self._over(typist, now)]

    def _over(self, typist: Typist, at: int) -> list[Said]:
        return [] if self._until.pop(typist, None) is None else [_said(typist, False, at)]


def _said(typist: Typist, on: bool, at: int) -> Said:
    _, thread_id, user_id = typist
    d = {"thread_id": thread_id, "user_id": user_id, "on": on}
    return Said("typing", (f"thread:{thread_id}",), f"{user_id}/{at}", at, 0, d)
