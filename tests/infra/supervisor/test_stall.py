"""Silence ends a part, "not ready" does not."""

from __future__ import annotations

from infra.supervisor.health import Silent
from infra.supervisor.stall import NOT_READY_SECONDS, SILENT_SECONDS, STARTING_SECONDS, Stall


def test_a_part_that_answered_and_fell_silent_is_ended() -> None:
    stall = Stall(began=0)
    stall.look(None, 10)
    stall.look(Silent("timed out"), 12)
    assert stall.ended(10 + SILENT_SECONDS - 1) is None
    assert stall.ended(10 + SILENT_SECONDS) == SILENT_SECONDS


def test_a_part_that_says_why_it_is_not_ready_is_left_alone() -> None:
    stall = Stall(began=0)
    for second in range(0, 1000, 10):
        stall.look("folding the log", second)
        assert stall.ended(second) is None


def test_a_part_that_never_answered_has_longer() -> None:
    stall = Stall(began=0)
    stall.look(Silent("refused"), STARTING_SECONDS - 1)
    assert stall.ended(STARTING_SECONDS - 1) is None
    assert stall.ended(STARTING_SECONDS) == STARTING_SECONDS


def test_late_is_said_once_until_it_is_ready_again() -> None:
    stall = Stall(began=0)
    stall.look("folding the log", 1)
    assert not stall.late(NOT_READY_SECONDS - 1)
    assert stall.late(NOT_READY_SECONDS)
    assert not stall.late(NOT_READY_SECONDS * 3)
    stall.look(None, 300)
    assert not stall.late(300 + NOT_READY_SECONDS - 1)
    assert stall.late(300 + NOT_READY_SECONDS)


def test_who_fell_silent_is_ended_and_not_said_to_be_late() -> None:
    stall = Stall(began=0)
    assert stall.late(NOT_READY_SECONDS), "it never answered"
    stall.look(None, 100)
    stall.look(Silent("timed out"), 150)
    assert not stall.late(100 + NOT_READY_SECONDS)
