"""What a socket must have said."""

from __future__ import annotations

import pytest

from infra.oracle.events import Wanted, expected, faults
from tests.infra.oracle.logs import answer, command, log, logged


def test_facts_of_a_hotel_and_its_snapshots_are_expected() -> None:
    found = log([command("a")], [answer(0, "a", 0), answer(1, "b", 1, expected=7)])
    found.records["occupancy.state", 0] = [
        logged("occupancy.state", 3, None, b"h/live/live"),
        logged("occupancy.state", 4, None, b"other/live/live"),
    ]
    wanted = expected(found, "h")
    assert wanted["room_status_changed"] == Wanted(["fact-a"], {"fact-a"})
    assert wanted["occupancy_updated"] == Wanted(["occupancy.state/3"], set())
    assert expected(found, "other")["room_status_changed"] == Wanted()


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (["a", "b", "c"], []),
        (["a", "c"], []),
        (["a", "b"], ["1 never came: ['c']"]),
        (["a", "c", "c"], ["1 came again"]),
        (["a", "b", "c", "x"], ["1 are not on the log: ['x']"]),
        (["c", "a"], ["they came out of order"]),
    ],
)
def test_each_difference_is_said(heard: list[str], words: list[str]) -> None:
    assert faults(Wanted(["a", "b", "c"], {"a", "c"}), heard) == words
