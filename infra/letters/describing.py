"""What can be said of a dead letter's bytes: as far as they are a record. Pure."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import fastavro

from schemas import registry
from schemas.records.operations import DeadLetter

HEAD_BYTES = 5
SHOWN_BYTES = 256
SHOWN_TEXT = 4_000


def lines(letter: DeadLetter) -> Iterator[str]:
    """All about a letter, a line each."""
    yield f"id         {letter.event_id}"
    yield f"where      {letter.topic}/{letter.partition} at {letter.offset}"
    yield f"key        {(letter.key or b'').decode(errors='backslashreplace')}"
    yield f"found by   {letter.found_by}"
    yield f"reason     {letter.reason}"
    yield f"outcome    {letter.outcome or 'open'}"
    for told in decoded(letter.value or b""):
        yield f"record     {told}"
    yield f"bytes      {len(letter.value or b'')}"
    yield from dump((letter.value or b"")[:SHOWN_BYTES])


def decoded(value: bytes) -> list[str]:
    """Which record it is, what it says, or how far it could be read."""
    if len(value) < HEAD_BYTES or value[0] != 0:
        return ["none: not in Confluent framing (0x00 and a 4-byte schema id)"]
    number = struct.unpack_from(">I", value, 1)[0]
    entry = registry.by_id().get(number)
    if entry is None:
        return [f"none: schema id {number} was never published by this version"]
    said = f"{entry.record} version {entry.version} (schema id {number})"
    body = io.BytesIO(value[HEAD_BYTES:])
    try:
        datum: Any = fastavro.schemaless_reader(body, fastavro.parse_schema(entry.schema), None)
    except Exception as error:  # bad bytes raise anything
        place = HEAD_BYTES + body.tell()
        return [said, f"cannot be read beyond byte {place} of {len(value)}: {type(error).__name__}: {error}"]
    left = len(value) - HEAD_BYTES - body.tell()
    return [said, str(datum)[:SHOWN_TEXT], *([f"and {left} bytes too many"] if left else [])]


def dump(value: bytes) -> Iterator[str]:
    """Sixteen bytes a line: place, hexadecimal, text."""
    for start in range(0, len(value), 16):
        part = value[start : start + 16]
        text = "".join(chr(one) if 32 <= one < 127 else "." for one in part)
        yield f"  {start:04x}  {part.hex(' '):47}  {text}"
