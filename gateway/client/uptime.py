"""For how much of the time a client was connected and heard all it asked for. Pure; seconds of any clock."""

from __future__ import annotations

from collections import deque

# The newest of them: a client that comes back every second tells of the last quarter of an hour.
KEPT_GAPS = 1_000


class Uptime:
    """Counts from when all was heard for the first time. `gaps`: how long each time away took."""

    def __init__(self) -> None:
        self.gaps: deque[float] = deque(maxlen=KEPT_GAPS)
        self._since: float | None = None
        self._away_at: float | None = None
        self._away = 0.0

    def heard(self, now: float) -> None:
        """Everything is heard."""
        if self._since is None:
            self._since = now
        if self._away_at is not None:
            self.gaps.append(now - self._away_at)
            self._away += now - self._away_at
            self._away_at = None

    def away(self, at: float) -> None:
        """From this moment on nothing was heard."""
        if self._since is not None and self._away_at is None:
            self._away_at = max(at, self._since)

    def share(self, now: float) -> float:
        """Of the time so far, from 0 to 1; 0 before anything was heard."""
        if self._since is None or now <= self._since:
            return 0.0 if self._since is None else 1.0
        away = self._away + (0.0 if self._away_at is None else now - self._away_at)
        return 1 - away / (now - self._since)
