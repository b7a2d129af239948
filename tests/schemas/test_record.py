"""The Avro schema is derived from the class."""

from __future__ import annotations

import importlib

import pytest

from schemas.record import Record, avro_schema


class Small(Record, frozen=True, kw_only=True):
    """A small record."""

    name: str
    count: int | None = None
    tags: list[str] = []  # noqa: RUF012 - msgspec copies an empty default


class Nest(Record, frozen=True, kw_only=True):
    """Two of the same kind."""

    one: Small
    two: Small | None = None


class Odd(Record, frozen=True, kw_only=True):
    """Avro has no type for this."""

    either: int | str


def test_fields_have_types_and_defaults() -> None:
    assert avro_schema(Small) == {
        "type": "record",
        "name": "Small",
        "namespace": "live.concierge",
        "doc": "A small record.",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "count", "type": ["null", "long"], "default": None},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        ],
    }


def test_a_record_is_defined_once_and_then_named() -> None:
    fields = avro_schema(Nest)["fields"]
    assert fields[0]["type"]["name"] == "Small"
    assert fields[1]["type"] == ["null", "live.concierge.Small"]


def test_a_type_without_avro_counterpart_is_refused() -> None:
    with pytest.raises(TypeError, match=r"only `T \| None`"):
        avro_schema(Odd)


def test_no_record_is_tracked_by_the_garbage_collector() -> None:
    importlib.import_module("schemas.topics")
    records = [Record]
    for record in records:
        assert not record.__struct_config__.gc, record
        records += record.__subclasses__()
    assert len(records) > 100
