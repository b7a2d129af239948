"""The token bucket: a burst, then a rate, each person for themselves."""

from __future__ import annotations

import pytest

from gateway.claims import Claims
from gateway.errors import Refused
from gateway.limits import TAKEN, Limits, fields


def person(user_id: str, property_id: str = "h") -> Claims:
    return Claims(user_id, "staff", property_id, "N", None, None, (), 0, 1, "t")


def test_a_burst_then_a_wait_and_others_are_untouched() -> None:
    limits = Limits({"command": (2.0, 3.0), "emergency": (1.0, 1.0)})
    one = person("a")
    for _ in range(3):
        limits.take(one, "command", 1000)
    with pytest.raises(Refused) as refused:
        limits.take(one, "command", 1000)
    assert (refused.value.status, refused.value.retry_after) == (429, 0.5)
    limits.take(one, "emergency", 1000)
    with pytest.raises(Refused):
        limits.take(one, "emergency", 1000)
    limits.take(person("b"), "command", 1000)
    limits.take(person("a", "elsewhere"), "command", 1000)
    limits.take(one, "command", 1500)


def test_a_clock_that_jumps_back_gives_nothing_away() -> None:
    limits = Limits({"command": (1.0, 1.0)})
    limits.take(person("a"), "command", 9_000)
    with pytest.raises(Refused):
        limits.take(person("a"), "command", 1_000)


def test_headers_say_what_is_left_and_when_it_is_back() -> None:
    limits = Limits({"frame": (100.0, 1000.0), "command": (20.0, 60.0)})
    assert fields({}) == {}
    before = TAKEN.set({})
    try:
        limits.take(person("a"), "frame", 0)
        limits.take(person("a"), "command", 0)
        taken = TAKEN.get()
        assert taken is not None
        assert fields(taken) == {
            "RateLimit-Policy": '"frame";q=1000;w=10, "command";q=60;w=3',
            "RateLimit": '"frame";r=999;t=1, "command";r=59;t=1',
        }
        limits.take(person("a"), "command", 0, cost=58.5)
        with pytest.raises(Refused):
            limits.take(person("a"), "command", 0)
        assert fields(taken)["RateLimit"] == '"frame";r=999;t=1, "command";r=0;t=3'
    finally:
        TAKEN.reset(before)
