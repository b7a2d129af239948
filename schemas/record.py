"""What a record is: a frozen, closed msgspec struct whose Avro schema is derived from its annotations.

One definition: the Python class is written, the `.avsc` under `schemas/published/` is derived from it.
"""

from __future__ import annotations

import datetime
import types
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

NAMESPACE = "live.concierge"
MONEY_PRECISION, MONEY_SCALE = 18, 4

Id = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=8_000)]
Line = Annotated[str, Meta(max_length=300)]
# Milliseconds since 1970-01-01 UTC. An int in Python: rules add and compare it, and it costs no object.
Millis = Annotated[int, Meta(extra={"avro": {"type": "long", "logicalType": "timestamp-millis"}})]
Money = Annotated[
    Decimal,
    Meta(
        extra={
            "avro": {
                "type": "bytes",
                "logicalType": "decimal",
                "precision": MONEY_PRECISION,
                "scale": MONEY_SCALE,
            }
        }
    ),
]

_PRIMITIVES: dict[Any, Any] = {
    str: "string",
    int: "long",
    float: "double",
    bool: "boolean",
    bytes: "bytes",
    datetime.date: {"type": "int", "logicalType": "date"},
}


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of everything that lies on the log. Closed: unknown fields are refused.

    Not tracked by the garbage collector: a record is made of what is there before it, so it is in no cycle.
    """


@cache
def avro_schema(record: type[Record]) -> dict[str, Any]:
    """The Avro schema of `record`, nested records defined at first use. TypeError for a type Avro lacks."""
    schema = _record(record, set())
    assert isinstance(schema, dict)
    return schema


def _record(record: type[Record], known: set[str]) -> dict[str, Any] | str:
    full_name = f"{NAMESPACE}.{record.__name__}"
    if full_name in known:
        return full_name
    known.add(full_name)
    hints = get_type_hints(record, include_extras=True)
    fields = []
    for info in msgspec.structs.fields(record):
        field: dict[str, Any] = {"name": info.name, "type": _type(hints[info.name], known)}
        if info.default is not msgspec.NODEFAULT:
            field["default"] = info.default
        elif info.default_factory is not msgspec.NODEFAULT:
            field["default"] = info.default_factory()
        fields.append(field)
    doc = " ".join((record.__doc__ or "").split())
    return {"type": "record", "name": record.__name__, "namespace": NAMESPACE, "doc": doc, "fields": fields}


def _type(hint: Any, known: set[str]) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        extras = [meta.extra["avro"] for meta in args[1:] if isinstance(meta, Meta) and meta.extra]
        return extras[0] if extras else _type(args[0], known)
    if origin in (Union, types.UnionType):
        inner = [arg for arg in args if arg is not type(None)]
        if len(inner) != 1 or len(args) != 2:
            raise TypeError(f"{hint}: only `T | None` is a union here")
        return ["null", _type(inner[0], known)]
    if origin is Literal:
        return "string"  # closed by msgspec at decode; an Avro enum could not grow without a default
    if origin is list or origin is tuple:
        return {"type": "array", "items": _type(args[0], known)}
    if origin is dict:
        return {"type": "map", "values": _type(args[1], known)}
    if isinstance(hint, type) and issubclass(hint, Record):
        return _record(hint, known)
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    raise TypeError(f"{hint}: no Avro type for it")
