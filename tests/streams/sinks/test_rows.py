"""Every record of every topic the sink reads makes rows that fit their tables, whatever is in it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.migrations import dictionary
from schemas import topics as t
from schemas.codec import Undecodable, encode
from schemas.facts import said
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent, MessageSent
from schemas.records.rooms import RoomsFact
from streams.sinks.place import Newer, Place
from streams.sinks.rows import COLUMNS, FACT_TOPICS, TOPICS, Foreign, rows_of
from tests.schemas.examples import records
from tests.streams.sinks import stand

DDL = {table.name: [column.name for column in table.columns] for table in dictionary.tables()}


def test_columns_are_those_of_the_tables_in_their_order() -> None:
    for table, columns in COLUMNS.items():
        assert list(columns) == DDL[table]


def one_body(fact: Any) -> Any:
    """The fact with just one of its bodies, as on the log."""
    found = said(fact)
    if found is None:
        return None
    keep = found[0]
    heads = {"fact_id", "occurred_at", "source_system", "source_event_id", keep}
    return type(fact)(**{name: getattr(fact, name) for name in fact.__struct_fields__ if name in heads})


@pytest.mark.parametrize("topic", FACT_TOPICS, ids=lambda topic: topic.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_fact_is_one_row_and_each_answer_one_decision(topic: t.Topic, data: st.DataObject) -> None:
    answer = data.draw(records(topic.records[0]))
    facts = [kept for fact in answer.facts if (kept := one_body(fact)) is not None]
    answer = type(answer)(
        **{name: getattr(answer, name) for name in answer.__struct_fields__} | {"facts": facts, "expected": 5}
    )
    assert isinstance(answer, AnswerHeader)
    rows = rows_of(Place(topic.name, 3, 5, 9), encode(answer))
    assert len(rows) == len(facts) + 1
    assert rows[-1][0] == "decisions"
    for number, (table, row) in enumerate(rows[:-1]):
        named = dict(zip(COLUMNS[table], row, strict=True))
        assert (named["_partition"], named["_offset"], named["_fact"]) == (3, 5, number)
        assert named["fact_id"] == facts[number].fact_id
        assert named["kind"] == said(facts[number])[0]  # type: ignore[index]  # it has a body
    for table, row in rows:
        assert len(row) == len(COLUMNS[table])


@pytest.mark.parametrize("topic", [x for x in TOPICS if x not in FACT_TOPICS], ids=lambda topic: topic.name)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_other_record_fits_its_table(topic: t.Topic, data: st.DataObject) -> None:
    record = data.draw(records(topic.records[0]))
    try:
        rows = rows_of(Place(topic.name, 1, 2, 3), encode(record))
    except Newer:
        assert isinstance(record, ChatEvent)
        return
    assert all(len(row) == len(COLUMNS[table]) for table, row in rows)
    assert len(rows) == 1 or topic is t.SETTINGS


def test_a_chat_text_stays_on_the_log() -> None:
    event = ChatEvent(
        event_id="e",
        property_id="h",
        thread_id="t",
        actor_id="a",
        actor_role="guest",
        device_id="d",
        sequence=1,
        claimed_at=1,
        message_sent=MessageSent(text="the safe's code is 1234"),
    )
    [(_, row)] = rows_of(Place("chats", 0, 0, 0), encode(event))
    assert "1234" not in repr(row)
    assert dict(zip(COLUMNS["chat_events"], row, strict=True))["text_length"] == 23


def test_what_is_not_to_be_taken() -> None:
    place = Place("rooms", 0, 7, 0)
    with pytest.raises(Foreign, match="expected offset 8 and lies at 7"):
        rows_of(place, encode(stand.answer("h", 8, [])))
    with pytest.raises(Undecodable):
        rows_of(place, b"\x00\x00\x00\x00\x01")
    with pytest.raises(Undecodable):
        rows_of(place, None)
    with pytest.raises(Newer):
        rows_of(place, encode(stand.answer("h", 7, [RoomsFact(fact_id="f", occurred_at=1)])))


def test_a_tombstone_takes_a_room_off_the_list() -> None:
    place = Place("settings", 0, 7, 0, b"h1/room/101")
    [(table, row)] = rows_of(place, None)
    named = dict(zip(COLUMNS[table], row, strict=True))
    assert (table, named["removed"], named["property_id"], named["room_id"]) == (
        "room_settings",
        True,
        "h1",
        "101",
    )
    assert rows_of(dataclasses.replace(place, key=b"h1/weights/w"), None) == []
    assert rows_of(Place("revenue.state", 0, 7, 0, b"h1/revenue/2026"), None) == []
