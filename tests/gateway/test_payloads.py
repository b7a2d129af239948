"""Each event type has its class; what is younger than a client is passed over or said to be unknown.

That what goes over the wire is what the classes say, every client of these tests looks at in each frame.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway import payloads
from gateway.events import alert_for_house, plain, room_for_guests
from infra.docs import events_page
from schemas.records.alerts import AlertState
from schemas.records.rooms import RoomState
from schemas.records.services import RequestState
from tests.gateway.support import as_documented

TOLD: dict[str, Any] = {"causation_id": "c", "actor_id": "a", "offset": 3, "change": "requested", "fact": {}}
REQUEST = RequestState(
    request_id="r", room_id="101", item="towels", department="d", priority=2, credits=0.5, accept_by=2,
    resolve_by=3, created_at=1,
)  # fmt: skip


def test_every_type_has_its_class_and_its_place_on_the_page() -> None:
    assert set(payloads.PAYLOADS) == set(payloads.EVENT_TYPES)
    page = events_page()
    assert [name for name in payloads.EVENT_TYPES if f"`{name}`" not in page] == []


def test_who_listens_tells_them_apart() -> None:
    d = TOLD | {"request": plain(REQUEST), "version": 7}
    match payloads.read("staff_assigned", d):
        case payloads.StaffAssigned(request=request) if request is not None:
            assert (request.request_id, request.credits) == ("r", 0.5)
        case other:
            pytest.fail(repr(other))
    assert type(payloads.read("service_request_updated", d)) is payloads.ServiceRequestUpdated


def test_what_is_younger_is_passed_over_or_unknown() -> None:
    typing = {"thread_id": "t", "user_id": "u", "on": True}
    assert payloads.read("typing", typing | {"mood": "good"}) == payloads.Typing(
        thread_id="t", user_id="u", on=True
    )
    request = plain(REQUEST) | {"colour": "red"}
    found = payloads.read("service_request_updated", TOLD | {"request": request, "version": 7})
    assert isinstance(found, payloads.ServiceRequestUpdated)
    assert payloads.read("seen_from_space", {}) is None
    assert (
        payloads.read(
            "service_request_updated", TOLD | {"request": request | {"status": "lost"}, "version": 7}
        )
        is None
    )


def test_who_is_told_less_reads_the_same_classes() -> None:
    room = room_for_guests(RoomState(room_id="101", reservation_id="x"))
    alert = alert_for_house(
        AlertState(alert_id="a", kind="fire", location="roof", raised_by="g", raised_at=1)
    )
    shown = payloads.read("room_status_changed", TOLD | {"room": room, "version": 1})
    assert isinstance(shown, payloads.RoomStatusChanged)
    fire = payloads.read("emergency_alert", TOLD | {"actor_id": None, "alert": alert, "version": 1})
    assert isinstance(fire, payloads.EmergencyAlert)
    assert fire.alert is not None
    assert fire.alert.raised_by is None
    assert isinstance(payloads.read("snapshot", {"rooms": [room | {"version": 3}]}), payloads.Snapshot)


@pytest.mark.parametrize("wrong", [{"more": 1}, {"message": 3}])
def test_a_frame_that_says_otherwise_is_seen(wrong: dict[str, Any]) -> None:
    good = {"causation_id": "c", "code": "no", "message": "No."}
    as_documented({"t": "ev", "type": "command_rejected", "d": good})
    assert payloads.read("command_rejected", good) == msgspec.convert(good, payloads.CommandRejected)
    with pytest.raises(AssertionError):
        as_documented({"t": "ev", "type": "command_rejected", "d": good | wrong})
