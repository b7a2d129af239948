"""Presence: said on change and every 30 s, no flicker on a reconnect, a silent gateway is forgotten."""

from __future__ import annotations

from gateway.claims import Claims
from gateway.presence import Presence

GUEST = Claims("g", "guest", "h", "G", "101", None, (), 0, 1_000_000, "t")


def states(presence: Presence, now: int) -> list[str]:
    told = [s for h, whole in presence.due(now) for s in presence.heard(h, presence.gateway_id, whole, now)]
    return [f"{one.type}:{one.d['state']}" for one in told]


def test_a_reconnect_within_the_grace_is_no_leave() -> None:
    presence = Presence("one")
    presence.opened(GUEST)
    assert states(presence, 0) == ["guest_online:connected"]
    presence.closed(GUEST, 1_000)
    presence.opened(GUEST)
    assert states(presence, 40_000) == []
    presence.closed(GUEST, 41_000)
    assert states(presence, 45_999) == []
    assert states(presence, 46_000) == ["guest_online:offline"]


def test_a_silent_gateway_is_forgotten_once() -> None:
    presence = Presence("one")
    presence.opened(GUEST)
    states(presence, 0)
    assert presence.expire(45_000) == []
    assert [(hotel, one.d["state"]) for hotel, one in presence.expire(45_001)] == [("h", "offline")]
    assert presence.expire(99_000) == []
