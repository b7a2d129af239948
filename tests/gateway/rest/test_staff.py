"""Who is on duty, for staff; how they do, for those above; one's own shift is one's own."""

from __future__ import annotations

from schemas.records.folds import PerformanceState
from schemas.records.staff import ShiftState
from tests.gateway.rest.conftest import GUEST, KEEPER, MANAGER, House, command


async def test_shifts_for_staff_and_performance_for_those_above(house: House) -> None:
    for own, ended in (("ben", None), ("cem", 5)):
        house.model.shifts[own] = ShiftState(
            staff_id=own, shift_id="s", department="housekeeping", started_at=1, ends_at=9, ended_at=ended
        )
        house.model.performance[own] = PerformanceState(
            property_id=house.own, kind="performance", id=own, vector={}, as_of=1, department="housekeeping",
            on_shift=True, on_break=False, assigned=1, accepted=1, completed=1, released=0, response_ms=1,
            resolution_ms=1, resolved_on_time=1, credits_done=1.0, ratings=0, rating_sum=0,
        )  # fmt: skip
    found = await house.get(KEEPER, "/api/staff")
    assert ([one["staff_id"] for one in found["shifts"]], found["performance"]) == (["ben", "cem"], [])
    found = await house.get(MANAGER, "/api/staff", on_duty=True)
    assert [one["id"] for one in found["performance"]] == ["ben"]
    assert await house.refused(GUEST, "GET", "/api/staff") == (403, "forbidden")


async def test_nobody_ends_anothers_shift_but_those_above(house: House) -> None:
    body = command("end_shift", {"staff_id": "ben"})
    assert await house.refused(KEEPER, "POST", "/api/staff", json=body) == (403, "forbidden")
