"""Emergencies: staff see all, a guest what they raised and what the whole house must know."""

from __future__ import annotations

from typing import Any

from schemas.records.alerts import AlertState
from tests.gateway.rest.conftest import GUEST, KEEPER, MANAGER, House, command


async def test_who_sees_which(house: House) -> None:
    def raised(own: str, kind: Any, by: str = "somebody", **more: Any) -> None:
        house.model.alerts[own] = AlertState(
            alert_id=own, kind=kind, location="bar", raised_by=by, raised_at=1, **more
        )

    raised("fire", "fire", note="call me at 555")
    raised("drill", "fire", drill=True)
    raised("mine", "medical", "guest-1")
    raised("panic", "panic")
    raised("over", "fire", status="resolved")
    found = await house.get(GUEST, "/api/alerts")
    assert [one["alert_id"] for one in found["alerts"]] == ["fire", "mine"]
    assert found["emergency_phone"] == "999", "whom to call when this page cannot send"
    fire, mine = found["alerts"]
    assert fire.keys().isdisjoint({"note", "raised_by", "acknowledged_by"})
    assert mine["raised_by"] == "guest-1"
    found = await house.get(KEEPER, "/api/alerts", open_only=False)
    assert [one["alert_id"] for one in found["alerts"]] == ["drill", "fire", "mine", "over", "panic"]


async def test_announcements_are_made_elsewhere_and_a_guest_resolves_nothing(house: House) -> None:
    path = "/api/alerts"
    assert await house.refused(MANAGER, "POST", path, json=command("announce")) == (400, "unknown_command")
    d = {"alert_id": "a"}
    assert await house.refused(GUEST, "POST", path, json=command("resolve", d)) == (403, "forbidden")
    drill = command("raise_emergency", {"kind": "fire", "location": "bar", "drill": True})
    assert await house.refused(GUEST, "POST", path, json=drill) == (403, "forbidden")
