"""How many dead letters are still mishaps, and when they are a deploy that can't read its topic. Pure."""

from __future__ import annotations

from collections import deque


class Limit:
    """One topic partition. `most` dead letters in a row are let pass; 0: any number.

    Of the last 10 x `most` records at most half may be dead, too.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._run = 0
        self._last: deque[bool] = deque(maxlen=10 * most)

    def lets(self, dead: bool) -> bool:
        """Whether this record may be taken, which counts it. If not, nothing is counted."""
        if not self._most:
            return True
        if dead and (self._run >= self._most or sum(self._last) >= 5 * self._most):
            return False
        self._run = self._run + 1 if dead else 0
        self._last.append(dead)
        return True
