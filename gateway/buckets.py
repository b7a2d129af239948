"""Token buckets: how often something may happen, at a rate and in a burst. Times are ms."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
# (tokens per second, burst)
Rate: TypeAlias = tuple[float, float]
MAX_BUCKETS = 50_000


class Bucket:
    """One bucket; `left`: tokens in it at `at`."""

    __slots__ = ("at", "left")

    def __init__(self, left: float, at: int) -> None:
        self.left = left
        self.at = at

    def take(self, rate: Rate, now: int, cost: float = 1.0) -> float:
        """Takes `cost` tokens: 0.0. Where there are too few it takes none: the seconds to wait."""
        wait = self.wait(rate, now, cost)
        if not wait:
            self.left -= cost
        return wait

    def wait(self, rate: Rate, now: int, cost: float = 1.0) -> float:
        """Seconds until there are so many tokens; 0.0: there are."""
        per_second, burst = rate
        self.left = min(burst, self.left + max(0, now - self.at) / 1000 * per_second)
        self.at = now
        return 0.0 if self.left >= cost else (cost - self.left) / per_second


class Buckets(Generic[K]):
    """A bucket for each key, at most so many; beyond that the longest unused is forgotten."""

    def __init__(self, most: int = MAX_BUCKETS) -> None:
        self._most = most
        self._known: dict[K, Bucket] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, key: K, rate: Rate, now: int) -> Bucket:
        """The key's bucket; a new one is full."""
        found = self._known.pop(key, None) or Bucket(rate[1], now)
        # Put back last: dicts keep order, so the first one is the longest unused.
        self._known[key] = found
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return found
