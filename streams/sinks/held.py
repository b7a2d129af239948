"""Which offsets the log held when it was read, and where rows of what it let go are. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# Held offsets that one statement names: 8,000 of 9 digits are 80 KB, and a statement may have 256 KiB.
MOST_NAMED = 8_000
# A longer run of held offsets ends a gap instead of being named in it.
LONG = 64
# Offsets of one gap: answers of an import have 100 rows each, and a statement must be done in 30 s.
MOST_OFFSETS = 50_000


@dataclass(frozen=True, slots=True)
class Gap:
    """Offsets from `first` below `end`, but for those in `held`: the log has them no more."""

    first: int
    end: int
    held: tuple[int, ...] = ()


class Held:
    """The offsets of one topic partition as they were read, rising."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []

    def add(self, offset: int) -> None:
        """One more record, behind those before."""
        if self._runs and self._runs[-1][1] == offset:
            self._runs[-1] = (self._runs[-1][0], offset + 1)
        else:
            self._runs.append((offset, offset + 1))

    def gaps(self, start: int, end: int) -> Iterator[Gap]:
        """All that is not held from `start` below `end`. Retention leaves one gap, compaction many."""
        first, named = start, list[int]()
        for low, high in [*self._runs, (end, end)]:
            while low - first > MOST_OFFSETS:
                cut = first + MOST_OFFSETS
                yield from _gap(first, cut, [one for one in named if one < cut])
                first, named = cut, [one for one in named if one >= cut]
            if high - low > LONG or low == end or len(named) >= MOST_NAMED:
                yield from _gap(first, low, named)
                first, named = (high, []) if high - low > LONG else (low, [])
            if first <= low < high:
                named += range(low, high)


def _gap(first: int, end: int, held: list[int]) -> Iterator[Gap]:
    if end - first > len(held):
        yield Gap(first, end, tuple(held))
