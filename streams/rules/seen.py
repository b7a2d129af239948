"""Ids that were heard in the last days, exactly and compactly: the same id again has no effect."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

DAY_MS = 24 * 3_600_000
KEEP_DAYS = 8
ID_BYTES = 16
# 4,096 ids: a piece that is full never changes, so it is written once.
PIECE_BYTES = 64 * 1024
PIECE_IDS = PIECE_BYTES // ID_BYTES
TABLES = 64

_NOTHING = array("I", [0])

_Numbers: TypeAlias = npt.NDArray[Any]


@dataclass(slots=True)
class _Day:
    """Ids in the order they came, first `pieces`, then `rest`, and tables that say where one lies.

    A set of them would take 110 bytes an id, this takes 30; an id costs 2 us more. Each table is half empty
    at least: what looks for an id goes on from the place its hash says until it finds the id, or nothing.
    """

    pieces: list[bytes] = field(default_factory=list)
    rest: bytearray = field(default_factory=bytearray)
    # An id's place in the order, from 1; 0: nothing. How many there are.
    tables: list[array[int]] = field(default_factory=lambda: [_NOTHING] * TABLES)
    held: list[int] = field(default_factory=lambda: [0] * TABLES)

    def holds(self, key: bytes) -> bool:
        table = self.tables[hash(key) % TABLES]
        last = len(table) - 1
        place = hash(key) // TABLES & last
        while at := table[place]:
            if self._id(at) == key:
                return True
            place = place + 1 & last
        return False

    def add(self, key: bytes) -> None:
        own = hash(key) % TABLES
        table = self.tables[own]
        if 2 * (self.held[own] + 1) > len(table):
            table = self.tables[own] = self._twice(table)
        last = len(table) - 1
        place = hash(key) // TABLES & last
        while at := table[place]:
            if self._id(at) == key:
                return
            place = place + 1 & last
        self.rest += key
        table[place] = len(self.pieces) * PIECE_IDS + len(self.rest) // ID_BYTES
        self.held[own] += 1
        if len(self.rest) >= PIECE_BYTES:
            self.pieces.append(bytes(self.rest))
            self.rest.clear()

    def _id(self, at: int) -> bytes:
        """The id of a place in the order; the first one's is 1."""
        piece, begin = (at - 1) // PIECE_IDS, (at - 1) % PIECE_IDS * ID_BYTES
        lying = self.pieces[piece] if piece < len(self.pieces) else self.rest
        return bytes(lying[begin : begin + ID_BYTES])

    def _twice(self, table: array[int]) -> array[int]:
        """The same in twice the room: 20 ms where a day has ten million ids, so no command waits for long."""
        places = [at for at in table if at]
        hashes = np.fromiter((hash(self._id(at)) for at in places), np.int64, len(places))
        return _table(hashes, np.array(places, np.uint32), 2 * len(table))

    def restore(self, pieces: Iterable[bytes]) -> None:
        """Take these over, the last of them may be short. A tenth of the time that `add` takes."""
        every: list[_Numbers] = []
        for piece in pieces:
            if len(piece) < PIECE_BYTES:
                self.rest += piece
            else:
                self.pieces.append(piece)
            keys: list[bytes] = np.frombuffer(piece, f"V{ID_BYTES}").tolist()
            every.append(np.fromiter(map(hash, keys), np.int64, len(keys)))
        hashes = np.concatenate(every) if every else np.zeros(0, np.int64)
        own = (hashes % TABLES).astype(np.uint8)  # small numbers are sorted in one go
        order = np.argsort(own, kind="stable")
        self.held = np.bincount(own, minlength=TABLES).tolist()
        end = 0
        for number, count in enumerate(self.held):
            found = order[end : (end := end + count)]
            self.tables[number] = _table(
                hashes[found], (found + 1).astype(np.uint32), 1 << (2 * count).bit_length()
            )


def _table(hashes: _Numbers, places: _Numbers, size: int) -> array[int]:
    """Where each id lies, `places` from 1 on by its hash. `size`: a power of two, twice as many at least.

    All go to what their hash says at once, then those that found another there to the next, and so on.
    """
    table = np.zeros(size, np.uint32)
    slots = hashes // TABLES & size - 1
    while len(places):
        free = table[slots] == 0
        table[slots[free]] = places[free]
        left = table[slots] != places
        slots, places = slots[left] + 1 & size - 1, places[left]
    return array("I", table.tobytes())


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
        return any(day.holds(key) for day in self._days.values())

    def pieces(self) -> dict[str, bytes]:
        """Every id, as pieces of at most `PIECE_BYTES` named day.n: what `restore` takes."""
        found: dict[str, bytes] = {}
        for number, day in self._days.items():
            rest = [bytes(day.rest)] if day.rest else []
            found |= {f"{number}.{n}": piece for n, piece in enumerate([*day.pieces, *rest])}
        return found

    def restore(self, pieces: dict[str, bytes]) -> None:
        """Remember these pieces and nothing else."""
        lying: dict[int, dict[int, bytes]] = {}
        for name, piece in pieces.items():
            own, _, number = name.partition(".")
            lying.setdefault(int(own), {})[int(number)] = piece
        self._days = {day: _Day() for day in lying}
        for day, found in lying.items():
            self._days[day].restore(found[number] for number in sorted(found))


def _compact(heard: str) -> bytes:
    return blake2b(heard.encode(), digest_size=ID_BYTES).digest()
