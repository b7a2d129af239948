"""The token bucket: a burst, then a rate, each person for themselves."""

from __future__ import annotations

import pytest

from gateway.errors import Refused
from gateway.limits import Limits


def test_a_burst_then_a_wait_and_others_are_untouched() -> None:
    limits = Limits({"command": (2.0, 3.0), "emergency": (1.0, 1.0)})
    for _ in range(3):
        limits.take("a", "command", 1000)
    with pytest.raises(Refused) as refused:
        limits.take("a", "command", 1000)
    assert (refused.value.status, refused.value.retry_after) == (429, 0.5)
    limits.take("a", "emergency", 1000)
    limits.take("b", "command", 1000)
    limits.take("a", "command", 1500)
