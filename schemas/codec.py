"""Records to bytes and back: Avro in Confluent framing (0x00, 4-byte schema id, datum), by fastavro."""

from __future__ import annotations

import datetime
import io
import struct
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import fastavro
import msgspec

from schemas import branches, registry
from schemas.record import Record
from schemas.topics import TOPICS, Topic

R = TypeVar("R", bound=Record)

_HEAD = struct.Struct(">bI")
_BUILTINS = (datetime.date, Decimal, bytes)


class Undecodable(ValueError):
    """These bytes are no record of this topic; the text says why. Their place is the dead letters."""


class Alien(Undecodable):
    """No version of this program, older or newer, writes such bytes there: nothing is missed without them."""


@cache
def _types() -> dict[str, type[Record]]:
    return {record.__name__: record for topic in TOPICS for record in topic.records}


def _plain(schema: Any) -> Any:
    """The schema with time stamps as the long they are on the wire: our records hold milliseconds as int."""
    if isinstance(schema, dict):
        if schema.get("logicalType") == "timestamp-millis":
            return "long"
        return {key: _plain(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    return schema


@cache
def _reader(schema_id: int) -> tuple[Any, Any, type[Record]]:
    entry = registry.by_id().get(schema_id)
    if entry is None:
        raise Undecodable(f"schema id {schema_id} was never published")
    newest = registry.latest()[entry.record]
    writer = fastavro.parse_schema(_plain(entry.schema), named_schemas={})
    reader = (
        None if newest.id == schema_id else fastavro.parse_schema(_plain(newest.schema), named_schemas={})
    )
    return writer, reader, _types()[entry.record]


@cache
def _writer(record: type[Record]) -> tuple[bytes, Any, branches.Plan]:
    entry = registry.latest()[record.__name__]
    schema = fastavro.parse_schema(_plain(entry.schema), named_schemas={})
    return _HEAD.pack(0, entry.id), schema, branches.plan(schema)


def encode(record: Record) -> bytes:
    """The record as framed bytes. ValueError where a value does not fit its type."""
    return _framed(type(record), msgspec.to_builtins(record, builtin_types=_BUILTINS))


def encode_checked(record: Record) -> bytes:
    """As `encode`; ValidationError where `decode` would refuse it: an item's type, a text's length."""
    datum = msgspec.to_builtins(record, builtin_types=_BUILTINS)
    msgspec.convert(datum, type(record))
    return _framed(type(record), datum)


def _framed(record: type[Record], datum: dict[str, Any]) -> bytes:
    head, schema, plan = _writer(record)
    branches.name(datum, plan)
    out = io.BytesIO()
    out.write(head)
    fastavro.schemaless_writer(out, schema, datum)
    return out.getvalue()


def decode(value: bytes | None, topic: Topic) -> Record:
    """The record in `value`. Alien, and the wider Undecodable where a newer version may have written it."""
    if value is None:
        raise Alien("the record has no value")
    if len(value) < _HEAD.size or value[0] != 0:
        raise Alien("not in Confluent framing (0x00 and a 4-byte schema id)")
    writer, reader, record = _reader(_HEAD.unpack_from(value)[1])
    if record not in topic.records:
        raise Alien(f"{record.__name__} is no record of topic {topic.name}")
    body = io.BytesIO(value)
    body.seek(_HEAD.size)
    try:
        datum = fastavro.schemaless_reader(body, writer, reader)
    except fastavro.read.SchemaResolutionError as error:
        raise Undecodable(f"{record.__name__}: {error}") from error
    except Exception as error:  # fastavro raises anything from EOFError to UnicodeDecodeError on bad bytes
        raise Alien(f"{record.__name__}: {type(error).__name__}: {error}") from error
    if body.tell() != len(value):
        raise Alien(f"{record.__name__}: {len(value) - body.tell()} bytes too many")
    try:
        return msgspec.convert(datum, record)
    except msgspec.ValidationError as error:
        raise Undecodable(f"{record.__name__}: {error}") from error


def decode_as(value: bytes | None, topic: Topic, record: type[R]) -> R:
    """Like `decode`, for a topic where just this record is expected."""
    found = decode(value, topic)
    if not isinstance(found, record):
        raise Undecodable(f"{type(found).__name__} where {record.__name__} was expected")
    return found
