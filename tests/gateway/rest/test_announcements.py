"""Announcements: those it is for, as long as it holds; only those above announce."""

from __future__ import annotations

import time
from typing import Any

from schemas.records.alerts import AnnouncementState
from schemas.records.rooms import ReservationState
from tests.gateway.rest.conftest import GUEST, KEEPER, MANAGER, House, command


def said(house: House, own: str, audience: Any, seconds: float) -> None:
    house.model.announcements[own] = AnnouncementState(
        announcement_id=own, audience=audience, title="t", body="b",
        until=int((time.time() + seconds) * 1000), made_by="m", made_at=1,
    )  # fmt: skip


async def test_each_sees_what_is_for_them_and_not_over(house: House) -> None:
    said(house, "pool", "house", 600)
    said(house, "party", "staff", 600)
    said(house, "gone", "house", -1)
    for who, seen in ((GUEST, ["pool"]), (KEEPER, ["party", "pool"])):
        found = await house.get(who, "/api/announcements")
        assert [one["announcement_id"] for one in found["announcements"]] == seen
    assert (await house.get(KEEPER, "/api/announcements", limit=1))["next"] == "party"
    house.model.reservations["s"] = ReservationState(reservation_id="s", status="checked_out")
    left = ("guest", {"room": "101", "stay": "s"})
    assert (await house.get(left, "/api/announcements"))["announcements"] == []


async def test_only_announce_is_said_here_and_only_by_those_above(house: House) -> None:
    path, d = "/api/announcements", {"audience": "house", "title": "t", "body": "b", "until": 1}
    assert await house.refused(KEEPER, "POST", path, json=command("announce", d)) == (403, "forbidden")
    other = command("raise_emergency")
    assert await house.refused(MANAGER, "POST", path, json=other) == (400, "unknown_command")
