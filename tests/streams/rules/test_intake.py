"""What of a batch can't be taken, and why."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from schemas.records import rooms, services, staff
from schemas.records.base import FactHeader
from schemas.records.rooms import ReservationMade, RoomsFact, RoomStatusChanged
from schemas.records.services import ServicesFact
from schemas.records.staff import StaffFact
from streams.rules.intake import LONGEST_SHIFT_MS, invalid

DAY = datetime.date(2026, 3, 1)


def _fact(fact_id: str, **body: Any) -> RoomsFact:
    return RoomsFact(fact_id=fact_id, occurred_at=1, **body)


def _status(value: str) -> RoomsFact:
    body = RoomStatusChanged(room_id="101", dimension="housekeeping", value=value)
    return _fact("status", room_status_changed=body)


def _made(nights: int) -> RoomsFact:
    arrival = datetime.date(2026, 3, 1)
    made = ReservationMade(
        reservation_id="R",
        arrival=arrival,
        departure=arrival + datetime.timedelta(days=nights),
        booked_on=arrival,
        rate=Decimal(1),
        currency="EUR",
    )
    return _fact("made", reservation_made=made)


def test_facts_that_can_be_taken_have_no_reason() -> None:
    assert [invalid(fact) for fact in (_status("dirty"), _made(0), _made(2))] == ["", "", ""]


def test_facts_that_cannot_have_their_reason() -> None:
    assert [invalid(fact) for fact in (_fact("empty"), _status("shiny"), _made(-1))] == [
        "it says nothing that this program knows",
        "housekeeping is one of clean, dirty, pickup, inspected, not shiny",
        "the departure lies before the arrival",
    ]


SHIFT: dict[str, Any] = {"shift_id": "s", "staff_id": "ann"}
REQUEST: dict[str, Any] = {
    "request_id": "r", "room_id": "101", "item": "towels", "department": "housekeeping", "priority": 2,
    "credits": 1.0, "accept_by": 5, "resolve_by": 9,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (
            _fact("f", discrepancy_found=rooms.DiscrepancyFound(room_id="1", kind="skip")),
            "not said but found",
        ),
        (
            _fact(
                "f",
                room_status_changed=RoomStatusChanged(
                    room_id="1", dimension="front_office", value="vacant", derived=True
                ),
            ),
            "not said but found",
        ),
        (
            _fact(
                "f",
                room_status_changed=RoomStatusChanged(
                    room_id="1", dimension="block", value="none", persons=2
                ),
            ),
            "persons are counted",
        ),
        (
            _fact("f", night_audit_done=rooms.NightAuditDone(closed=DAY, opened=DAY)),
            "does not lie after",
        ),
        (RoomsFact(fact_id="f", occurred_at=-1, night_audit_done=None), "nothing that this program knows"),
        (
            ServicesFact(
                fact_id="f",
                occurred_at=1,
                requested=services.ServiceRequested(**REQUEST | {"credits": float("nan")}),
            ),
            "no amount of work",
        ),
        (
            ServicesFact(
                fact_id="f", occurred_at=1, requested=services.ServiceRequested(**REQUEST | {"resolve_by": 4})
            ),
            "done before it is accepted",
        ),
        (
            ServicesFact(
                fact_id="f",
                occurred_at=1,
                requested=services.ServiceRequested(**REQUEST | {"department": ""}),
            ),
            "no department",
        ),
        (
            ServicesFact(
                fact_id="f",
                occurred_at=1,
                breached=services.ServiceBreached(request_id="r", promise="accept", due_at=1),
            ),
            "not said but found",
        ),
        (
            StaffFact(
                fact_id="f",
                occurred_at=5,
                shift_started=staff.ShiftStarted(**SHIFT, department="spa", ends_at=5),
            ),
            "ends after it starts",
        ),
        (
            StaffFact(
                fact_id="f",
                occurred_at=5,
                shift_planned=staff.ShiftPlanned(
                    **SHIFT, department="spa", starts_at=0, ends_at=LONGEST_SHIFT_MS + 1
                ),
            ),
            "within 24 hours",
        ),
    ],
)
def test_what_makes_no_sense_has_its_reason(fact: FactHeader, reason: str) -> None:
    assert reason in invalid(fact)
