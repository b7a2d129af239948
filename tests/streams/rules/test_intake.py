"""What of a batch can't be taken, in one sentence."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from schemas.records.rooms import ReservationMade, RoomsFact, RoomsIntake, RoomStatusChanged
from streams.rules.intake import invalid, refused


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


def test_facts_that_cannot_are_named_with_their_reason() -> None:
    facts = [_status("dirty"), _fact("empty"), _status("shiny"), _made(-1)]
    batch = RoomsIntake(batch_id="b", property_id="h", actor_id="a", source_system="pms", facts=facts)
    assert refused(batch) == (
        "3 of 4 facts not taken: fact 1 (empty): it says nothing that this program knows; "
        "fact 2 (status): housekeeping is one of clean, dirty, pickup, inspected, not shiny; "
        "fact 3 (made): the departure lies before the arrival"
    )


def test_a_batch_without_fault_is_not_refused() -> None:
    batch = RoomsIntake(
        batch_id="b", property_id="h", actor_id="a", source_system="pms", facts=[_status("clean")]
    )
    assert refused(batch) == ""
