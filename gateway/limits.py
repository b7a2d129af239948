"""How much one person may ask: a token bucket per user and kind. Emergencies have their own."""

from __future__ import annotations

from typing import Literal

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


class Limits:
    """The buckets of one gateway. Times are ms."""

    def __init__(self, rates: dict[Kind, Rate] | None = None) -> None:
        self._rates = rates or RATES
        # User ids are a hotel's own: the same id elsewhere is somebody else.
        self._buckets: Buckets[tuple[str, str, Kind]] = Buckets()

    def take(self, claims: Claims, kind: Kind, now: int, cost: float = 1.0) -> None:
        """Takes `cost` tokens. Refused 429 with `retry_after` (s) where there are not enough."""
        rate = self._rates[kind]
        if wait := self._buckets.of((claims.property_id, claims.user_id, kind), rate, now).take(
            rate, now, cost
        ):
            raise too_much(wait)
