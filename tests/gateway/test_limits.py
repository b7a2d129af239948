"""The token bucket: a burst, then a rate, each person for themselves."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.claims import Claims
from gateway.errors import Refused
from gateway.limits import TAKEN, Limits, fields, rates, told
from infra.runtime.settings import Settings


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


def test_what_costs_more_than_ever_come_together_costs_all_of_them() -> None:
    limits = Limits({"command": (1.0, 3.0)})
    limits.take(person("a"), "command", 0, cost=50.0)
    with pytest.raises(Refused) as refused:
        limits.take(person("a"), "command", 0, cost=50.0)
    assert refused.value.retry_after == 3.0
    limits.take(person("a"), "command", 3_000, cost=50.0)


def test_what_is_told_is_what_is_set() -> None:
    """Each setting of a person or a socket is among them, whatever it is set to."""
    names = [name for name in Settings.model_fields if name.startswith(("person_", "socket_"))]
    values: dict[str, Any] = {name: 20_000 + number for number, name in enumerate(names)}
    settings = Settings.model_construct(**values)
    plain = {value for value in told(settings).values() if isinstance(value, int)}
    both = plain | {value for rate in rates(settings).values() for value in rate}
    assert both == set(values.values())
    assert told(Settings())["rates"]["command"] == {"per_second": 20.0, "burst": 60.0}


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
