"""Which answers count, and what a fact says."""

from __future__ import annotations

from schemas.facts import counts, said
from schemas.records.base import Cause, Why
from schemas.records.rooms import CheckedOut, CheckOut, RoomsAnswer, RoomsCommand, RoomsFact

ANSWER = RoomsAnswer(
    event_id="e",
    property_id="harbour",
    recorded_at=1,
    actor_id="anna",
    actor_role="staff",
    causation_id="c",
    cause=Cause(topic="rooms.commands", partition=0, offset=3),
    expected=7,
    verdict="accepted",
    why=Why(rule="check_out@1", sentence="Anna checked them out."),
)


def test_an_answer_counts_only_at_the_offset_it_expected() -> None:
    assert counts(ANSWER, 7)
    assert not counts(ANSWER, 8)


def test_a_fact_says_the_one_field_that_is_set() -> None:
    out = CheckedOut(reservation_id="r1")
    assert said(RoomsFact(fact_id="f", occurred_at=1, checked_out=out)) == ("checked_out", out)
    command = RoomsCommand(
        command_id="c",
        property_id="harbour",
        actor_id="anna",
        actor_role="staff",
        claimed_at=1,
        check_out=CheckOut(reservation_id="r1"),
    )
    assert said(command) == ("check_out", CheckOut(reservation_id="r1"))


def test_a_fact_newer_than_this_reader_says_nothing() -> None:
    assert said(RoomsFact(fact_id="f", occurred_at=1)) is None
