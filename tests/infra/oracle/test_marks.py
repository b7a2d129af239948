"""A snapshot that is not what the facts fold to is said; one that nobody goes on from is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.oracle.marks import Marks
from infra.oracle.reading import Logged
from schemas.codec import decode, encode
from schemas.records.rooms import RoomAssigned, RoomsFact
from schemas.topics import ROOMS, ROOMS_STATE
from streams.agents import catalogue
from tests.streams.rules.test_marking import FACTS, PROGRAM, Log, Lying

ASSIGNED = RoomAssigned(reservation_id="A", room_id="101")


def held(log: Log, state: Lying | None = None, program: str = PROGRAM, begin: int = 0) -> Marks:
    marks = Marks(program)
    for offset, key, value in log.state if state is None else state:
        marks.state(Logged(log.agent.state.name, 0, offset, 1, key, value))
    marks.begin(log.agent.facts.name, 0, begin)
    for offset, answer in enumerate(log.answers):
        marks.take(Logged(log.agent.facts.name, 0, offset, 1, b"h", encode(answer)))
    return marks


def house() -> Log:
    log = Log(catalogue.decider("rooms"))
    for number, hotel in enumerate("hih"):
        log.answer(hotel, [RoomsFact(fact_id=f"f{number}", occurred_at=number, room_assigned=ASSIGNED)])
    log.snapshot()
    return log


def changed(log: Log, wanted: bytes, **fields: Any) -> Lying:
    """What lies there, with other fields in what lies under this key."""
    found = []
    for offset, key, value in log.state:
        if key == wanted:
            record: Any = decode(value, ROOMS_STATE)
            for name, to in fields.items():
                record = type(record)(
                    **({one: getattr(record, one) for one in record.__struct_fields__} | {name: to})
                )
            value = encode(record)
        found.append((offset, key, value))
    return found


@pytest.mark.parametrize("agent", catalogue.DECIDERS)
@settings(max_examples=20)
@given(data=st.data())
def test_what_agents_write_is_what_the_log_says(agent: str, data: st.DataObject) -> None:
    log = Log(catalogue.decider(agent))
    for hotel, facts, slices in data.draw(
        st.lists(st.tuples(st.sampled_from("hi"), FACTS[agent], st.integers(0, 4)), max_size=15)
    ):
        log.answer(hotel, facts)
        for _ in range(slices):
            log.slice()
    assert list(held(log).differences()) == []


def test_entities_are_counted_and_the_facts_behind_the_mark_are_not_looked_at() -> None:
    log = house()
    marks = held(log)
    assert marks.count() == log.read(log.state).mark.entities > 2  # type: ignore[union-attr]
    assert marks.end(ROOMS.name, 0) == 3
    log.answer("h", [RoomsFact(fact_id="late", occurred_at=9, room_assigned=ASSIGNED)])
    assert list(held(log).differences()) == []


def test_a_wrong_a_missing_and_an_invented_entity_are_said() -> None:
    log = house()
    other = log.read(log.state).marked()["h"]["reservation"]["A"]
    wrong = changed(log, b"h/reservation/A", reservation=type(other)(reservation_id="A", room_id="102"))
    assert list(held(log, wrong).differences()) == [
        "rooms.state/0: reservation A of h is not what the log says"
    ]
    moved = [
        (offset, b"h/reservation/B" if key == b"h/reservation/A" else key, value)
        for offset, key, value in changed(log, b"h/reservation/A", id="B")
    ]
    assert list(held(log, moved).differences()) == [
        "rooms.state/0: reservation A of h is missing",
        "rooms.state/0: reservation B of h is none of the log's",
    ]


def test_ids_that_were_heard_and_where_to_go_on_are_held_too() -> None:
    log = house()
    seen = [key for _, key, _ in log.state if key.startswith(b"*/seen/")]
    forgetful = changed(log, seen[0], seen=b"0" * 16)
    assert list(held(log, forgetful).differences()) == [
        "rooms.state/0: the ids that were heard are not those of the log"
    ]
    back = changed(log, b"*/mark/0", next={"rooms.commands": 1})
    assert list(held(log, back).differences()) == [
        "rooms.state/0: its mark goes on at rooms.commands 1, rooms says 3"
    ]


def test_a_mark_that_nobody_goes_on_from_is_not_judged() -> None:
    log = house()
    wrong = changed(log, b"h/reservation/A", id="B")
    for marks in (held(log, wrong, program="another"), held(log, log.state, begin=1), held(log, [])):
        assert (marks.count(), list(marks.differences())) == (0, [])
    lost = [one for one in log.state if one[1] != b"h/reservation/A"]
    assert list(held(log, lost).differences()) == []
