"""Ids that were heard in the last days, exactly and compactly: the same id again has no effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

DAY_MS = 24 * 3_600_000
KEEP_DAYS = 8
ID_BYTES = 16
# 4,096 ids: a piece that is full never changes, so it is written once.
PIECE_BYTES = 64 * 1024


@dataclass(slots=True)
class _Day:
    """`pieces` and `rest` hold the same ids as `ids`, in the order they came."""

    ids: set[bytes] = field(default_factory=set)
    pieces: list[bytes] = field(default_factory=list)
    rest: bytearray = field(default_factory=bytearray)

    def add(self, key: bytes) -> None:
        if key in self.ids:
            return
        self.ids.add(key)
        self.rest += key
        if len(self.rest) >= PIECE_BYTES:
            self.pieces.append(bytes(self.rest))
            self.rest.clear()


class Seen:
    """Ids by the day they were heard. 16 bytes of BLAKE2b each: two of 10^12 ids collide with p < 10^-14."""

    def __init__(self) -> None:
        self._days: dict[int, _Day] = {}

    def add(self, heard: str, at: int) -> None:
        """Remember an id heard at `at` (ms); ids more than 8 days older are forgotten."""
        day = at // DAY_MS
        if day not in self._days:
            self._days[day] = _Day()
            newest = max(self._days)
            for old in [d for d in self._days if d <= newest - KEEP_DAYS]:
                del self._days[old]
        if day in self._days:
            self._days[day].add(_compact(heard))

    def __contains__(self, heard: str) -> bool:
        key = _compact(heard)
        return any(key in day.ids for day in self._days.values())

    def pieces(self) -> dict[str, bytes]:
        """Every id, as pieces of at most `PIECE_BYTES` named day.n: what `restore` takes."""
        found: dict[str, bytes] = {}
        for number, day in self._days.items():
            rest = [bytes(day.rest)] if day.rest else []
            found |= {f"{number}.{n}": piece for n, piece in enumerate([*day.pieces, *rest])}
        return found

    def restore(self, pieces: dict[str, bytes]) -> None:
        """Remember these pieces and nothing else."""
        self._days = {}
        for name in sorted(pieces, key=lambda name: [int(part) for part in name.split(".")]):
            day = self._days.setdefault(int(name.split(".")[0]), _Day())
            piece = pieces[name]
            day.ids.update(piece[at : at + ID_BYTES] for at in range(0, len(piece), ID_BYTES))
            if len(piece) >= PIECE_BYTES:
                day.pieces.append(piece)
            else:
                day.rest += piece


def _compact(heard: str) -> bytes:
    return blake2b(heard.encode(), digest_size=ID_BYTES).digest()
