"""Bytes: fastavro writes what avro writes, reads what it wrote, and bad bytes are said to be bad."""

from __future__ import annotations

import contextlib
import io
import json
import struct
from typing import Any

import avro.io
import avro.schema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.publish import records as all_records
from schemas import registry
from schemas.codec import _BUILTINS, Alien, Undecodable, _plain, decode, decode_as, encode
from schemas.record import Record
from schemas.records.base import StateMark
from schemas.records.chats import ChatEvent
from schemas.topics import BY_NAME, CHATS, ROOMS_STATE, TOPICS
from tests.schemas.examples import records

TOPIC_OF = {record: topic for topic in TOPICS for record in topic.records}
MARK = StateMark(agent="rooms", partition=1, facts_end=5, expected=5, next={"rooms.commands": 7})


@pytest.mark.parametrize("record", all_records(), ids=lambda record: record.__name__)
def test_what_is_written_is_read(record: type[Record]) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(records(record))
    def check(value: Any) -> None:
        assert decode(encode(value), TOPIC_OF[record]) == value

    check()


@pytest.mark.parametrize("record", all_records(), ids=lambda record: record.__name__)
def test_avro_and_fastavro_make_the_same_bytes(record: type[Record]) -> None:
    schema = avro.schema.parse(json.dumps(_plain(registry.latest()[record.__name__].schema)))

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
    @given(records(record))
    def check(value: Any) -> None:
        if _has_two_key_map(value):
            return  # the order of a map's keys is the writer's choice
        out = io.BytesIO()
        avro.io.DatumWriter(schema).write(
            msgspec.to_builtins(value, builtin_types=_BUILTINS), avro.io.BinaryEncoder(out)
        )
        assert encode(value)[5:] == out.getvalue()

    check()


def _has_two_key_map(value: Any) -> bool:
    if isinstance(value, dict):
        return len(value) > 1
    if isinstance(value, Record):
        return any(_has_two_key_map(getattr(value, name)) for name in value.__struct_fields__)
    return isinstance(value, list) and any(map(_has_two_key_map, value))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no value"),
        (b"", "Confluent framing"),
        (b"{}", "Confluent framing"),
        (b"\x01\x00\x00\x00\x01", "Confluent framing"),
        (b"\x00\x00\x0f\xff\xff", "never published"),
        (encode(MARK)[:-2], "StateMark"),
        (encode(MARK) + b"x", "1 bytes too many"),
    ],
)
def test_bad_bytes_are_undecodable_with_the_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as caught:
        decode(value, ROOMS_STATE)
    # an id that is not known here may be a newer version's, whose records may not be passed over
    assert isinstance(caught.value, Alien) is (reason != "never published")


def test_what_a_program_with_other_bounds_may_have_written_is_not_alien() -> None:
    long = encode(msgspec.structs.replace(MARK, agent="a" * 10_000))
    with pytest.raises(Undecodable, match="length") as caught:
        decode(long, ROOMS_STATE)
    assert not isinstance(caught.value, Alien)


def test_a_record_of_another_topic_is_refused() -> None:
    with pytest.raises(Alien, match="StateMark is no record of topic chats"):
        decode(encode(MARK), CHATS)
    with pytest.raises(Undecodable, match="ChatEvent was expected"):
        decode_as(encode(MARK), ROOMS_STATE, ChatEvent)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(registry.published()))
def test_no_bytes_crash_the_reader(body: bytes, entry: registry.Published) -> None:
    topic = next(t for t in BY_NAME.values() if any(r.__name__ == entry.record for r in t.records))
    with contextlib.suppress(Undecodable):
        decode(struct.pack(">bI", 0, entry.id) + body, topic)
