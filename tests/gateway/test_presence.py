"""Presence: said on change and every 30 s, no flicker on a reconnect, a silent gateway is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import presence as presences
from gateway.claims import Claims
from gateway.presence import Presence
from schemas.ids import new_id
from tests.gateway.support import Client, Running, client, token

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


def test_two_gateways_say_one_person_once_and_the_last_of_both_is_the_leave() -> None:
    one, other = Presence("one"), Presence("other")
    one.opened(GUEST)
    other.opened(GUEST)
    ((_, here),) = one.due(0)
    ((_, there),) = other.due(0)
    assert [said.d["state"] for said in one.heard("h", "one", here, 0)] == ["connected"]
    assert one.heard("h", "other", there, 0) == [], "known already"
    assert one.online("h") == [{"user_id": "g", "role": "guest", "state": "connected"}]
    one.closed(GUEST, 0)
    ((_, here),) = one.due(presences.GRACE_MS)
    assert one.heard("h", "one", here, 6_000) == [], "still at the other"
    other.looked(GUEST, away=True)
    ((_, there),) = other.due(1)
    assert [said.d["state"] for said in one.heard("h", "other", there, 6_000)] == ["away"]


def test_who_belongs_to_no_hotel_is_nowhere_online() -> None:
    presence = Presence("one")
    presence.opened(Claims("a", "admin", "*", "A", None, None, (), 0, 1, "t"))
    presence.opened(Claims("s", "system", "h", "S", None, None, (), 0, 1, "t"))
    assert presence.due(0) == []


async def until(one: Client, state: str) -> dict[str, Any]:
    """The next word that the guest is so."""
    while (frame := await one.hear("ev"))["type"] != "guest_online" or frame["d"]["state"] != state:
        pass
    return frame


async def test_staff_at_any_gateway_see_a_guest_come_look_away_and_leave(
    gateway: Running, second: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "GRACE_MS", 100)
    own = "here" + new_id()[-6:]
    staff = f"staff:{own}"
    async with (
        client(gateway, token("staff", own), resume={staff: None}) as near,
        client(second, token("staff", own, sub="far"), resume={staff: None}) as far,
    ):
        await near.hear("subbed")
        cursor = (await far.hear("subbed"))["cur"]
        async with client(gateway, token("guest", own, room="101")) as guest:
            for one in (near, far):
                frame = await until(one, "connected")
                assert (frame["d"]["user_id"], frame["ch"], "cur" in frame) == ("guest-1", staff, False)
            await guest.say("ping", away=True)
            await until(near, "away")
            async with client(second, token("guest", own, room="101")):
                await until(near, "connected")
                await until(far, "connected")
            async with client(second, token("staff", own, sub="back"), resume={staff: cursor}) as back:
                assert (await back.hear("subbed"))["cur"] == cursor
                found = (await back.hear("subbed"))["online"]
                online = {one["user_id"]: one["role"] for one in found}
                assert online["guest-1"] == "guest"
        for one in (near, far):
            await until(one, "offline")
        head = {"Authorization": "Bearer " + token("guest", own, room="101")}
        async with (
            second.web(headers=head) as web,
            web.stream("GET", "/api/websocket/events", params={"ch": f"room:{own}:101"}),
        ):
            await until(near, "connected")
        await until(near, "offline")
