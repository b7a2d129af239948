"""Percentiles within the error that is said, windows that slide, memory that is bounded."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from infra.auditor.slots import HOUR_MS, SLOT_MS, SLOTS, Slots, bucket, percentile

DAY, MONTH = SLOTS["24h"], SLOTS["30d"]


@given(st.lists(st.integers(1, 2**20), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_is_within_three_percent(values: list[int], share: float) -> None:
    found = percentile(Counter(map(bucket, values)), share)
    rank = next(n for n in range(1, len(values) + 1) if n >= share * len(values))
    truth = sorted(values)[rank - 1]
    assert abs(found - truth) <= 0.03 * truth + 0.06


def test_the_ends_of_the_scale() -> None:
    assert bucket(0) == bucket(1) == 0
    assert bucket(2**20) == bucket(2**40)
    assert percentile(Counter(), 0.5) == 0.0


@given(st.lists(st.tuples(st.integers(0, 2 * DAY), st.booleans()), max_size=60))
def test_windows_say_what_lies_in_them(seconds: list[tuple[int, bool]]) -> None:
    slots = Slots()
    for number, up in sorted(seconds):
        slots.looked("c", up, 1, number * SLOT_MS)
        slots.heard("x", 5, number * SLOT_MS)
        slots.found("heard", number * SLOT_MS)
    now = 2 * DAY * SLOT_MS
    for window, length in SLOTS.items():
        inside = [up for number, up in seconds if number > 2 * DAY - length]
        uptimes = {(one.up_s, one.looked_s) for one in slots.uptimes(now) if one.window == window}
        assert uptimes == ({(sum(inside), len(inside))} if inside else set())
        assert [one.heard for one in slots.findings(now) if one.window == window] == [len(inside)]
        if window != "30d":
            counts = [one.count for one in slots.latencies(now) if one.window == window]
            assert counts == ([len(inside)] if inside else [])


def test_thirty_days_are_kept_and_latencies_for_one() -> None:
    slots = Slots()
    for number in range(MONTH + 50):
        slots.heard("x", 3, number * SLOT_MS)
    assert len(slots._slots) == MONTH
    assert sum(bool(slot.latencies) for slot in slots._slots.values()) == DAY


def test_a_loss_that_was_none_is_taken_back() -> None:
    slots = Slots()
    slots.found("lost", 0, 2)
    slots.withdraw("lost", 3 * SLOT_MS)
    slots.withdraw("foreign", 3 * SLOT_MS)
    assert [(one.lost, one.foreign) for one in slots.findings(3 * SLOT_MS)] == [(1, 0)] * 3


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=40))
def test_the_next_life_goes_on_from_hours(measured: list[tuple[int, bool]]) -> None:
    slots, later = Slots(), Slots()
    for number, up in sorted(measured):
        slots.looked("c", up, 60, number * SLOT_MS)
        slots.heard("x", 7 * (number + 1), number * SLOT_MS)
        slots.found("lost", number * SLOT_MS)
    now = 400 * SLOT_MS
    hours = [slots.hour(hour) for hour in range(0, now + HOUR_MS, HOUR_MS)]
    later.restore(hours[::-1])
    whole = [one for one in slots.uptimes(now) if one.window == "30d"]
    assert [one for one in later.uptimes(now) if one.window == "30d"] == whole
    assert [one.lost for one in later.findings(now)][-1] == len(measured)
    again = [later.hour(hour) for hour in range(0, now + HOUR_MS, HOUR_MS)]
    assert [one.seconds for one in again] == [one.seconds for one in hours]
    recent = [later.hour(now).latencies, slots.hour(now).latencies]
    assert recent[0] == recent[1]
