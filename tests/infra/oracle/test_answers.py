"""The oracle sees what must never be on a log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.oracle.answers import Judge, judge
from schemas.records.rooms import RoomsAnswer
from schemas.topics import partition_of
from tests.infra.oracle.logs import answer, command, log, logged

ASKED = [command("a"), command("b")]


def test_a_good_log_has_no_fault() -> None:
    verdict = judge(log([*ASKED, command("a")], [answer(0, "a", 0), answer(1, "b", 1)]))
    assert (verdict.answers, verdict.foreign, verdict.faults, verdict.unanswered) == (2, 0, [], set())


def test_a_zombies_answer_does_not_count_so_its_command_is_owed_one() -> None:
    verdict = judge(log(ASKED, [answer(0, "a", 0), answer(1, "b", 1, expected=0)]))
    assert (verdict.foreign, verdict.faults) == (1, [])
    assert verdict.unanswered == {("rooms.commands", "b")}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([answer(0, "a", 0), answer(1, "a", 2)], ["counts twice", "answered before", "became true twice"]),
        ([answer(0, "b", 1), answer(1, "a", 0)], ["late or again"]),
        ([answer(0, "a", 0), answer(1, "b", 0)], ["late or again"]),
    ],
)
def test_what_must_never_be_is_said(answers: list[RoomsAnswer], words: list[str]) -> None:
    faults = judge(log(ASKED, answers)).faults
    assert len(faults) == len(words)
    assert all(word in fault for word, fault in zip(words, faults, strict=True))


@pytest.mark.parametrize("order", [("rooms", "rooms.commands"), ("rooms.commands", "rooms")])
def test_inputs_may_come_before_or_after_their_answers(order: tuple[str, str]) -> None:
    said = ["first-id", "second-id", "first-id", "third-id"]
    answers = [answer(0, "first-id", 0), answer(1, "another-id", 1), answer(2, "third-id", 3)]
    found, judging = log([command(one) for one in said], answers), Judge(1)
    for topic in order:
        for one in found.records[topic, 0]:
            judging.take(one)
    verdict = judging.verdict()
    assert (verdict.answers, verdict.faults) == (3, [])
    assert verdict.unanswered == {("rooms.commands", "second-id")}, "its answer names its place, not its id"


def test_bytes_that_nobody_writes_are_no_answer_and_those_of_a_newer_program_are_a_fault() -> None:
    found = log(ASKED, [answer(0, "a", 0), answer(1, "b", 1)])
    found.records["rooms", 0].append(logged("rooms", 2, command("c")))
    assert judge(found).faults == []
    newer = replace(logged("rooms", 3, command("c")), value=b"\x00\x00\x00\xff\xff...")
    found.records["rooms", 0].append(newer)
    assert judge(found).faults == ["rooms/0 at 3: schema id 65535 was never published"]


def test_a_command_on_a_partition_that_is_not_its_hotels_home_is_owed_nothing() -> None:
    found = log(ASKED, [answer(0, "a", 0), answer(1, "b", 1)])
    partitions = next(count for count in range(2, 99) if partition_of("h", count) == 0)
    for number in range(1, partitions):
        found.records["rooms.commands", number] = []
    found.records["rooms.commands", 1] = [replace(logged("rooms.commands", 0, command("c")), partition=1)]
    assert judge(found).unanswered == set()
