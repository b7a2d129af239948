"""A pub gets its ack or its nack, whatever happens on the way."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import commands
from gateway.claims import Claims
from gateway.protocol import Pub
from gateway.publish import MAX_ID_CHARS, publish
from tests.gateway.support import Running

ME = Claims("me", "manager", "never", "N", None, None, (), 0, 1, "t")


@pytest.mark.parametrize("own", ["", "x" * (MAX_ID_CHARS + 1)])
async def test_an_id_that_is_none(gateway: Running, own: str) -> None:
    nack = await publish(gateway.live, ME, Pub(own, "rooms.check_in"))
    assert (nack["t"], nack["code"], len(nack["id"]) <= MAX_ID_CHARS) == ("nack", "malformed", True)


async def test_a_no_says_why(gateway: Running) -> None:
    nack = await publish(gateway.live, ME, Pub("a", "rooms.check_in", {"reservation_id": "r"}))
    assert (nack["t"], nack["id"], nack["code"]) == ("nack", "a", "unknown_property")


async def test_what_fails_here_is_unknown_not_lost_and_no_trace_is_shown(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> str:
        raise RuntimeError("secret")

    monkeypatch.setattr(commands, "publish", fail)
    nack = await publish(gateway.live, ME, Pub("a", "rooms.check_in"))
    assert (nack["code"], nack["retry_after"]) == ("unknown", 2.0)
    assert "secret" not in str(nack)
