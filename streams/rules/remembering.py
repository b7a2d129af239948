"""A folder's partition as records of `folders.memory`, and back. No I/O.

Each folder has snapshots of its own, for folders of one partition may live in different workers. Two slots
are written in turn, so that a snapshot cut off half way leaves the last whole one as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from schemas.record import Record
from schemas.records.folds import MemoryMark, MemoryPiece, Slot
from schemas.snapshots import PARTITION
from schemas.topics import entity_key
from streams.rules.folding import Folded

# A piece is made, and taken back, at once: 1 ms to make, 1 ms to take back, 4 ms of what staff did.
CHUNK = 64 * 1024


def chunks(part: str, items: Iterable[Any]) -> Iterator[tuple[str, bytes]]:
    """The items as msgpack arrays, each of CHUNK bytes and one item more at most."""
    held: list[msgspec.Raw] = []
    size = 0
    for item in items:
        held.append(msgspec.Raw(msgspec.msgpack.encode(item)))
        size += len(held[-1])
        if size >= CHUNK:
            yield part, msgspec.msgpack.encode(held)
            held, size = [], 0
    if held:
        yield part, msgspec.msgpack.encode(held)


def pieces(folded: Folded, partition: int, slot: Slot, snapshot: str) -> Iterator[MemoryPiece]:
    """All that `folded` knows; nothing may be folded until the last one is taken."""
    for number, (property_id, part, chunk) in enumerate(folded.remember()):
        yield MemoryPiece(
            folder=folded.kind.name,
            partition=partition,
            slot=slot,
            snapshot=snapshot,
            number=number,
            property_id=property_id,
            part=part,
            chunk=chunk,
        )


def key(record: MemoryPiece | MemoryMark) -> bytes:
    """The next snapshot in this slot takes the same keys."""
    number = record.number if isinstance(record, MemoryPiece) else "mark"
    return entity_key(PARTITION, record.folder, f"{record.slot}.{number}")


@dataclass(slots=True)
class Memory:
    """One partition of the topic, read from its start."""

    _marks: dict[tuple[str, Slot], MemoryMark] = field(default_factory=dict)
    _pieces: dict[tuple[str, Slot, int], MemoryPiece] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """The next record."""
        if isinstance(record, MemoryPiece):
            self._pieces[record.folder, record.slot, record.number] = record
        elif isinstance(record, MemoryMark):
            self._marks[record.folder, record.slot] = record

    def newest(
        self, folder: str, program: str, bounds: Mapping[str, tuple[int, int]]
    ) -> tuple[MemoryMark | None, str]:
        """The good mark that reflects most. None: why there is none; "" where nothing was ever remembered.

        `bounds`: begin and end of each topic the folder reads.
        """
        reason = "no mark" if any(name == folder for name, _, _ in self._pieces) else ""
        marks = [mark for (name, _), mark in self._marks.items() if name == folder]
        for mark in sorted(marks, key=lambda one: sum(one.vector.values()), reverse=True):
            if not (reason := self._unfit(mark, program, bounds)):
                return mark, ""
        return None, reason

    def _unfit(self, mark: MemoryMark, program: str, bounds: Mapping[str, tuple[int, int]]) -> str:
        """Why the mark is no place to go on from, "" if it is one."""
        if mark.program != program:
            return "another program's mark"
        for topic, at in mark.vector.items():
            begin, end = bounds.get(topic, (0, 0))
            if not begin <= at <= end:
                return f"{topic} is {begin} to {end}, the mark says {at}"
        for number in range(mark.pieces):
            piece = self._pieces.get((mark.folder, mark.slot, number))
            if piece is None or piece.snapshot != mark.snapshot:
                return f"piece {number} of {mark.pieces} is another snapshot's or missing"
        return ""

    def pieces(self, mark: MemoryMark) -> Iterator[MemoryPiece]:
        """Those a good mark vouches for, in their order. They are given once: it lets go of each."""
        for number in range(mark.pieces):
            yield self._pieces.pop((mark.folder, mark.slot, number))
