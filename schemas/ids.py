"""Ids: who makes them, from what, so that the same thing has the same id wherever it is said."""

from __future__ import annotations

import hashlib
import os
import time
import uuid

# Any fixed value serves; it keeps our UUIDv5s apart from everybody else's.
_SPACE = uuid.UUID("6f1c3c6e-6a51-5d0f-9f0e-0c0a51e7c1e5")

# RFC 9562: the two highest bits of the ninth byte are 10.
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new_id(now_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562): what people send. `now_ms` is milliseconds since 1970."""
    stamp = int(time.time() * 1000) if now_ms is None else now_ms
    value = (stamp & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def derived_id(source: str, *place: str | int) -> str:
    """A UUIDv5 of an input's id and a place in it: answers, their facts, what follows from them."""
    # uuid.uuid5 without its objects: an import makes half a million ids (12 -> 4.6 us each).
    name = "\x1f".join([source, *map(str, place)])
    said = hashlib.sha1(_SPACE.bytes + name.encode(), usedforsecurity=False).hexdigest()
    return f"{said[:8]}-{said[8:12]}-5{said[13:16]}-{_VARIANT[said[16]]}{said[17:20]}-{said[20:32]}"


def source_id(property_id: str, source_system: str, source_event_id: str) -> str:
    """The id of a property system's fact: the same event of the same system is the same fact."""
    return derived_id("source", property_id, source_system, source_event_id)


def row_id(property_id: str, layout: str, canonical_row: str, occurrence: int) -> str:
    """SHA-256 of an import's canonical row and its n-th occurrence (from 1), per property and layout."""
    text = "\x1f".join([property_id, layout, canonical_row, str(occurrence)])
    return hashlib.sha256(text.encode()).hexdigest()
