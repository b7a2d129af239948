"""A record is decoded once for all who follow it, and no more of them are kept than there is room for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import RecordMetadata

from schemas import topics
from schemas.codec import Undecodable, decode, encode
from schemas.records.rooms import RoomsFact, RoomsIntake
from streams.agents.decoded import Decoded

VALUE = encode(
    RoomsIntake(
        batch_id="b",
        property_id="h",
        actor_id="a",
        source_system="s",
        facts=[RoomsFact(fact_id="f", occurred_at=1)],
    )
)


@dataclass(frozen=True)
class Read:
    """A record as a consumer brings it."""

    offset: int
    value: bytes | None = VALUE
    topic: str = topics.ROOMS_INTAKE.name
    partition: int = 0


def test_the_second_reader_has_what_the_first_decoded() -> None:
    decoded = Decoded()
    first = decoded.of(Read(1))
    assert decoded.of(Read(1)) is first
    assert decoded.of(Read(2)) is not first
    assert decoded.of(Read(1, partition=1)) is not first


def test_the_oldest_goes_when_there_is_no_room() -> None:
    decoded = Decoded(kept_bytes=2 * len(VALUE))
    first, second, third = (decoded.of(Read(offset)) for offset in (1, 2, 3))
    assert decoded.of(Read(3)) is third
    assert decoded.of(Read(2)) is second
    assert decoded.of(Read(1)) is not first


def test_what_the_worker_wrote_itself_need_not_be_decoded() -> None:
    decoded, intake = Decoded(kept_bytes=2 * len(VALUE)), topics.ROOMS_INTAKE.name
    written = decode(VALUE, topics.ROOMS_INTAKE)
    place = RecordMetadata(intake, 0, TopicPartition(intake, 0), 7, 1, 0, 0)
    for _ in range(3):  # said again, it takes no further room
        decoded.wrote(place, written, len(VALUE))
    assert decoded.of(Read(7)) is written
    read = decoded.of(Read(8))
    decoded.wrote(place._replace(offset=8), written, len(VALUE))
    assert decoded.of(Read(8)) is read
    assert decoded.of(Read(7)) is written


@pytest.mark.parametrize("value", [None, b"", b"\0\0\0\0\1"])
def test_what_cannot_be_read_is_said_to_each(value: bytes | None) -> None:
    decoded = Decoded()
    for _ in range(2):
        with pytest.raises(Undecodable):
            decoded.of(Read(1, value))
