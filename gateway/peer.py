"""One client of a socket, whatever carries it: what the protocol's effects ask for is done here."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.requests import HTTPConnection

from gateway import protocol
from gateway.auth import COOKIE, address_of, identified, same_origin
from gateway.claims import EVERY_PROPERTY, Claims
from gateway.counted import Way
from gateway.errors import Refused, Unauthorized
from gateway.feed import Feed
from gateway.protocol import Close, Effect, Got, Ping, Pub, Send, Session, Sub, Unsub, Verify
from gateway.publish import publish
from gateway.receipts import Receipts
from gateway.ring import Event
from gateway.sockets import stale
from gateway.state import State
from schemas.ids import new_id

EMERGENCY = "alerts.raise_emergency"
# Of a command's share in a person's rate.
LISTENING = 0.25
# They go on where their client is gone: a call for help is not taken back by a line that breaks.
_urgent: set[asyncio.Task[None]] = set()

Frame = dict[str, Any]
# Where the answer to one frame goes.
Answer = Callable[[Frame], None]


class Peer(ABC):
    """One client, a stranger first; `origin` is the request it came with.

    A transport writes, closes and says who is silent.
    What only some clients need, as a task for their commands, is made when it is needed: most of them listen.
    """

    way: Way
    claims: Claims

    def __init__(self, live: State, origin: HTTPConnection) -> None:
        self._live = live
        self._address = address_of(origin)
        # Of our own pages only.
        self._cookie = origin.cookies.get(COOKIE, "") if same_origin(origin, live.settings) else ""
        self._stranger = True
        self._away = False
        self._session = Session(new_id(), live.clock(), live.settings)
        self._feed: Feed | None = None
        self._receipts: Receipts | None = None
        self._pubs: deque[tuple[Pub, Answer]] | None = None
        self._publisher: asyncio.Task[None] | None = None

    @abstractmethod
    def write(self, events: list[Event], wire: bytes) -> bool:
        """The feed's events, or their bytes; whether there is room for more."""

    @abstractmethod
    def control(self, frame: Frame) -> None:
        """A frame of the protocol, in order with the events."""

    @abstractmethod
    async def ready(self) -> None:
        """There is room to write."""

    @abstractmethod
    def silent(self) -> float:
        """Seconds since the last sign of life."""

    @abstractmethod
    async def close(self, close: Close) -> None:
        """Says goodbye, or cuts who does not hear it."""

    @abstractmethod
    def shut(self, code: int, reason: str) -> None:
        """Closes from outside: revoked, drained."""

    def drain(self, jitter_ms: int) -> None:
        """Asks the client to come back elsewhere, at a moment of its own within so many ms."""
        self.control({"t": "drain", "after": 0, "jitter": jitter_ms})

    def recheck(self) -> None:
        """Leaves the channels that are not this person's any more, and says so."""
        for name in self._feed.recheck() if self._feed is not None else ():
            self.control(protocol.nack(name, "forbidden", f"{name} is not yours any more."))

    def received(self, data: str | bytes) -> list[Effect]:
        """What one message asks for, counted against the person's rate."""
        effects = self._session.received(data)
        if self._feed is not None:
            try:
                self._live.limits.take(self.claims, "frame", self._live.clock(), cost=max(1, len(effects)))
            except Refused:
                return [Close(protocol.RATE, "come back later")]
        return effects

    def tick(self) -> list[Effect]:
        """What is due by now."""
        now = self._live.clock()
        silent = int(self.silent() * 1000)
        count = self._feed.count if self._feed is not None else 0
        return self._session.tick(now, now - silent, count, self._place())

    def _place(self) -> str | None:
        """A cursor up to which all channels were told; None while one still is told what it missed."""
        if self._feed is None or not self._feed.current or self.claims.property_id == EVERY_PROPERTY:
            return None
        return self._live.hub.cursor(self.claims.property_id)

    async def perform(self, effect: Effect, answer: Answer) -> None:
        """Does it; what there is to say about it goes to `answer`."""
        match effect:
            case Close():
                self._session.closed = True
                await self.close(effect)
            case Verify():
                for next_one in await self._verify(effect):
                    await self.perform(next_one, answer)
            case _:
                self.do(effect, answer)

    def do(self, effect: Send | Sub | Unsub | Pub | Ping | Got, answer: Answer) -> None:
        """The same for what nothing has to be waited for."""
        match effect:
            case Send():
                answer(effect.frame)
            case Sub() | Unsub():
                self.listen(effect, answer)
            case Pub():
                self._publish(effect, answer)
            case Ping():
                if effect.away != self._away:
                    self._away = effect.away
                    self._live.presence.looked(self.claims, self._away)
                place = self._place()
                answer({"t": "pong"} | ({"cur": place} if place else {}))
            case Got():
                self._got(effect)

    async def known(self, token: str) -> Claims:
        """Whose token this is ("": the cookie of our own pages). Refused: 401, 403 revoked, 429 too often."""
        claims = await identified(self._live, self._address, token or self._cookie)
        if self._live.model.revoked(claims.token_id, claims.user_id, claims.property_id, claims.issued_at):
            raise Refused(403, "revoked", "This token was revoked: sign in again.")
        if self._session.claims is None:
            self._live.limits.take(claims, "connect", self._live.clock())
        return claims

    async def _verify(self, asked: Verify) -> list[Effect]:
        try:
            claims = await self.known(asked.token)
        except Unauthorized as error:
            return self._session.rejected(error)
        except Refused as error:
            revoked = error.status == 403
            return [
                Close(protocol.FORBIDDEN, "revoked") if revoked else Close(protocol.RATE, "come back later")
            ]
        return self.verified(claims, asked.resume)

    def verified(self, claims: Claims, resume: dict[str, str | None]) -> list[Effect]:
        """The token is good: from the first one on there is a feed, and others see who is here."""
        self.arrived()
        first = self._session.claims is None
        effects = self._session.verified(claims, resume)
        if self._session.closed:
            return effects
        if not first:
            self._live.presence.renewed(self.claims, claims, self._live.clock(), self._away)
        self.claims = claims
        if first:
            self._feed = Feed(self._live, claims, self)
            self._live.sockets.add(self)
            self._live.presence.opened(claims)
            if self._live.tail.stale_since is not None:
                effects.insert(1, Send(stale(self._live.tail.stale_since)))
        elif self._feed is not None:
            self._feed.straighten(None)  # to leave a channel writes what the tick has brought so far
            self._feed.claims = claims
            self.recheck()
        return effects

    def arrived(self) -> None:
        """Waits among the strangers no more: its token was good, or it is gone."""
        if self._stranger:
            self._stranger = False
            self._live.strangers.leave(self._address)

    def listen(self, asked: Sub | Unsub, answer: Answer) -> None:
        """Listens to a channel, or no more."""
        assert self._feed is not None
        if isinstance(asked, Unsub):
            self._feed.unsubscribe(asked.ch)
            return
        try:
            self._live.limits.take(self.claims, "command", self._live.clock(), cost=LISTENING)
            self._feed.subscribe(asked.ch, asked.cur, asked.n)
        except Refused as refusal:
            answer(protocol.nack(asked.ch, refusal.code, refusal.message, refusal.retry_after))

    def _got(self, got: Got) -> None:
        assert self._feed is not None
        self._receipts = self._receipts or Receipts(self._live, self.claims)
        names = self._feed.live
        self._receipts.got(got.cur, names if not got.ch else names & {got.ch})

    def _publish(self, pub: Pub, answer: Answer) -> None:
        if pub.cmd == EMERGENCY:  # waits behind nothing; its own rate bounds how many there are
            task = asyncio.create_task(self._publish_one(pub, answer))
            _urgent.add(task)
            task.add_done_callback(_urgent.discard)
            return
        if self._pubs is None:
            self._pubs = deque()
        if len(self._pubs) >= self._live.settings.socket_commands_waiting:
            message = f"{len(self._pubs)} commands wait already."
            answer(protocol.nack(pub.id, "rate_limited", message, 1.0))
            return
        self._pubs.append((pub, answer))
        if self._publisher is None or self._publisher.done():
            self._publisher = asyncio.create_task(self._publish_all(self._pubs))

    async def _publish_all(self, pubs: deque[tuple[Pub, Answer]]) -> None:
        """One after the other: a client's order is kept."""
        while pubs:
            await self._publish_one(*pubs.popleft())

    async def _publish_one(self, pub: Pub, answer: Answer) -> None:
        answer(await publish(self._live, self.claims, pub, self.way))

    def leave(self) -> None:
        """Gone: nobody writes to it any more."""
        self.arrived()
        if self._publisher is not None:
            self._publisher.cancel()
        if self._receipts is not None:
            self._receipts.leave()
        if self._feed is not None:
            self._live.sockets.remove(self)
            self._live.presence.closed(self.claims, self._live.clock(), self._away)
            self._feed.leave()
