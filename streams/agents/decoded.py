"""Records that several readers of one worker follow, decoded once.

Contexts, folders and notifications each have their own place in the same topics, and read them at nearly the
same time. Records are immutable, so what one has decoded, or the worker wrote, the next may have.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from aiokafka.structs import RecordMetadata

from schemas.codec import decode
from schemas.record import Record
from schemas.topics import BY_NAME

# Bytes on the wire; decoded it is some five times as much. 32 answers to import batches.
KEPT_BYTES = 8 * 1024 * 1024


class Placed(Protocol):
    """A record of the log, as aiokafka or Faust brought it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class Decoded:
    """The last records that were decoded, `KEPT_BYTES` at most."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._room = kept_bytes
        self._kept: OrderedDict[tuple[str, int, int], tuple[Record, int]] = OrderedDict()

    def of(self, record: Placed) -> Record:
        """The record in it. Undecodable as `schemas.codec.decode` says."""
        key = (record.topic, record.partition, record.offset)
        known = self._kept.get(key)
        if known is not None:
            return known[0]
        found = decode(record.value, BY_NAME[record.topic])
        self._keep(key, found, len(record.value or b""))
        return found

    def wrote(self, place: RecordMetadata, record: Record, size: int) -> None:
        """This worker itself wrote the record there, in `size` bytes: nobody in it need decode it."""
        self._keep((place.topic, place.partition, place.offset), record, size)

    def _keep(self, key: tuple[str, int, int], record: Record, size: int) -> None:
        if key in self._kept:
            return
        self._kept[key] = (record, size)
        self._room -= size
        while self._room < 0:
            self._room += self._kept.popitem(last=False)[1][1]
