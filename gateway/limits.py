"""How much one person may ask: a token bucket per user and kind. Emergencies have their own."""

from __future__ import annotations

from typing import Literal

from gateway.claims import Claims
from gateway.errors import Refused

Kind = Literal["command", "emergency", "connect", "read", "frame"]
# kind -> (tokens per second, burst). A person clicks a few times a second; a page reload asks a dozen things.
RATES: dict[Kind, tuple[float, float]] = {
    "command": (20.0, 60.0),
    "emergency": (1.0, 5.0),
    "connect": (2.0, 30.0),
    "read": (100.0, 300.0),
    "frame": (100.0, 1000.0),
}
MAX_BUCKETS = 50_000


class Limits:
    """The buckets of one gateway. Times are ms."""

    def __init__(self, rates: dict[Kind, tuple[float, float]] | None = None) -> None:
        self._rates = rates or RATES
        self._buckets: dict[tuple[str, str, Kind], tuple[float, int]] = {}

    def take(self, claims: Claims, kind: Kind, now: int, cost: float = 1.0) -> None:
        """Takes `cost` tokens. Refused 429 with `retry_after` (s) where there are not enough."""
        rate, burst = self._rates[kind]
        # User ids are a hotel's own: the same id elsewhere is somebody else.
        key = (claims.property_id, claims.user_id, kind)
        left, at = self._buckets.pop(key, (burst, now))
        left = min(burst, left + max(0, now - at) / 1000 * rate)
        # Put back last: dicts keep order, so the first one is the longest unused.
        self._buckets[key] = (left - cost if left >= cost else left, now)
        if len(self._buckets) > MAX_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        if left < cost:
            wait = round((cost - left) / rate, 3)
            raise Refused(429, "rate_limited", f"Too much at once; again in {wait} s.", wait)
