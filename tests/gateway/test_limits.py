"""The token bucket: a burst, then a rate, each person for themselves."""

from __future__ import annotations

import pytest

from gateway.claims import Claims
from gateway.errors import Refused
from gateway.limits import Limits


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
