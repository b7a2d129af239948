"""Who is not known yet, by address: how often they knock, how many wait at once, who shows bad tokens.

What is refused here costs nothing: no signature is looked at, nothing is read. One address may be a whole
hotel behind one router, so knocking is generous; and who was known here before is not held up by a
neighbour's bad tokens.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.buckets import Buckets, Rate
from gateway.errors import Refused, too_much
from infra.runtime import metrics

# Bad tokens and codes, a second and at once: a coach of guests with yesterday's links is no attack.
FAILURES: Rate = (5.0, 100.0)
WAIT_SECONDS = 2.0
MOST_KNOWN = 50_000


class Strangers:
    """Those of one gateway. Addresses are groups (`addresses.group`), times ms.

    `most`, `most_of_one`: connections that have not said who they are: no request's head yet, no `hello` yet.
    Each may hold a message of twice `socket_frame_bytes`. After a drain a hotel's guests come back within
    seconds and say hello within one round trip.
    """

    def __init__(self, knocks: Rate, most_of_one: int, most: int) -> None:
        self._rate = knocks
        self.most_of_one, self.most = most_of_one, most
        self._knocks: Buckets[str] = Buckets()
        self._failures: Buckets[str] = Buckets()
        # Digests of tokens that were good, the longest unused first.
        self._known: dict[bytes, None] = {}
        self._waiting: Counter[str] = Counter()
        self._all = 0

    @property
    def waiting(self) -> int:
        """How many have not said who they are."""
        return self._all

    def knock(self, address: str, now: int) -> None:
        """A new connection. Refused 429 beyond the rate of its address."""
        if wait := self._knocks.of(address, self._rate, now).take(self._rate, now):
            metrics.STRANGERS_REFUSED.labels("knocks").inc()
            raise too_much(wait)

    def enter(self, address: str | None) -> None:
        """One more waits, until it `leave`s. Refused 503 where too many do. None: some proxy's, not known."""
        one = self._waiting[address] if address is not None else 0
        if self._all >= self.most or one >= self.most_of_one:
            metrics.STRANGERS_REFUSED.labels("waiting").inc()
            raise Refused(503, "busy", "Too many connections begin at once; come back.", WAIT_SECONDS)
        self._all += 1
        if address is not None:
            self._waiting[address] += 1

    def leave(self, address: str | None) -> None:
        """It waits no more."""
        self._all -= 1
        if address is not None:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

    @contextmanager
    def entered(self, address: str) -> Iterator[None]:
        """It waits meanwhile."""
        self.enter(address)
        try:
            yield
        finally:
            self.leave(address)

    def demand(self, address: str, token: str, now: int) -> None:
        """Refused 429 where this address showed too many bad tokens, unless this one was good before."""
        wait = self._failures.of(address, FAILURES, now).wait(FAILURES, now)
        if wait and _digest(token) not in self._known:
            metrics.STRANGERS_REFUSED.labels("failures").inc()
            raise too_much(wait)

    def bad(self, address: str, now: int) -> None:
        """A token or code of this address was no good."""
        self._failures.of(address, FAILURES, now).take(FAILURES, now)

    def good(self, token: str) -> None:
        """This token was good."""
        own = _digest(token)
        self._known.pop(own, None)
        self._known[own] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
