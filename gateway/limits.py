"""How much one person may ask: a token bucket per user and kind. Emergencies have their own."""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Literal, TypeAlias

from gateway.buckets import Buckets, Rate
from gateway.claims import Claims
from gateway.errors import too_much

Kind = Literal["command", "emergency", "connect", "read", "frame"]
# A person clicks a few times a second; a page reload asks a dozen things.
RATES: dict[Kind, Rate] = {
    "command": (20.0, 60.0),
    "emergency": (1.0, 5.0),
    "connect": (2.0, 30.0),
    "read": (100.0, 300.0),
    "frame": (100.0, 1000.0),
}
# Kind -> its rate, and how many tokens are left.
Taken: TypeAlias = dict[Kind, tuple[Rate, float]]
# Of the answer that is being made, for its headers; None: what takes is no answer of REST.
TAKEN: ContextVar[Taken | None] = ContextVar("taken", default=None)


class Limits:
    """The buckets of one gateway. Times are ms."""

    def __init__(self, rates: dict[Kind, Rate] | None = None) -> None:
        self._rates = rates or RATES
        # User ids are a hotel's own: the same id elsewhere is somebody else.
        self._buckets: Buckets[tuple[str, str, Kind]] = Buckets()

    def take(self, claims: Claims, kind: Kind, now: int, cost: float = 1.0) -> None:
        """Takes `cost` tokens. Refused 429 with `retry_after` (s) where there are not enough."""
        rate = self._rates[kind]
        bucket = self._buckets.of((claims.property_id, claims.user_id, kind), rate, now)
        wait = bucket.take(rate, now, cost)
        if (taken := TAKEN.get()) is not None:
            taken[kind] = (rate, bucket.left)
        if wait:
            raise too_much(wait)


def fields(taken: Taken) -> dict[str, str]:
    """The headers that say so, as draft-ietf-httpapi-ratelimit-headers-11 writes them; none, if nothing was.

    `q` tokens at once come back within `w` seconds; `r` are left, and `t` seconds on there are `q` again.
    """
    policies, states = [], []
    for kind, ((per_second, burst), left) in taken.items():
        policies.append(f'"{kind}";q={int(burst)};w={math.ceil(burst / per_second)}')
        states.append(f'"{kind}";r={int(left)};t={math.ceil((burst - left) / per_second)}')
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)} if taken else {}
