"""Ids that were heard in the last days, exactly and compactly: the same id again has no effect."""

from __future__ import annotations

from hashlib import blake2b

DAY_MS = 24 * 3_600_000
KEEP_DAYS = 8


class Seen:
    """Ids by the day they were heard. 16 bytes of BLAKE2b each: two of 10^12 ids collide with p < 10^-14."""

    def __init__(self) -> None:
        self._days: dict[int, set[bytes]] = {}

    def add(self, heard: str, at: int) -> None:
        """Remember an id heard at `at` (ms); ids more than 8 days older are forgotten."""
        day = at // DAY_MS
        if day not in self._days:
            self._days[day] = set()
            newest = max(self._days)
            for old in [d for d in self._days if d <= newest - KEEP_DAYS]:
                del self._days[old]
        if day in self._days:
            self._days[day].add(_compact(heard))

    def __contains__(self, heard: str) -> bool:
        key = _compact(heard)
        return any(key in ids for ids in self._days.values())


def _compact(heard: str) -> bytes:
    return blake2b(heard.encode(), digest_size=16).digest()
