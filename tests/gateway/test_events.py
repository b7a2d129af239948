"""What records become for clients, the same at a replay."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from gateway import events
from gateway.readmodel.hotel import Hotel
from gateway.readmodel.model import ReadModel
from schemas.ids import new_id
from schemas.records.alerts import AlertsAnswer, AlertsFact, EmergencyAcknowledged, EmergencyRaised
from schemas.records.base import Cause, Why
from schemas.records.notifications import (
    NotificationExpired,
    NotificationRead,
    NotificationsAnswer,
    NotificationsFact,
    Notified,
)
from schemas.records.rooms import CheckedIn, DiscrepancyFound, RoomsAnswer, RoomsFact, RoomStatusChanged
from schemas.records.services import (
    ServiceAssigned,
    ServiceBreached,
    ServiceRequested,
    ServicesAnswer,
    ServicesFact,
)
from schemas.records.staff import ShiftStarted, StaffAnswer, StaffFact

HEAD: dict[str, Any] = {
    "event_id": "e", "property_id": "h", "recorded_at": 5, "actor_id": "ann", "actor_role": "guest",
    "causation_id": "c", "cause": Cause(topic="t", partition=0, offset=0), "expected": 7,
    "why": Why(rule="r", sentence="because"),
}  # fmt: skip


def fact(**body: Any) -> ServicesFact:
    return ServicesFact(fact_id=new_id(), occurred_at=5, **body)


ASKED = ServiceRequested(
    request_id="r1", room_id="101", guest_id="ann", item="towels", department="housekeeping", priority=2,
    credits=0.5, accept_by=2, resolve_by=3,
)  # fmt: skip
ASSIGNED = ServiceAssigned(request_id="r1", staff_id="ben")


def test_a_request_that_is_assigned_at_once_is_told_to_everyone_it_concerns() -> None:
    hotel = Hotel("h")
    answer = ServicesAnswer(
        **HEAD, verdict="accepted", facts=[fact(requested=ASKED), fact(assigned=ASSIGNED)]
    )
    told = events.of_answer(hotel, answer, 7)
    assert [one.type for one in told] == ["service_request_updated"] * 2 + ["staff_assigned"]
    departments = {"department:h:housekeeping", "department:h:front_desk"}
    assert {"ops:h", "room:h:101", *departments, "user:ann", "user:ben"} == set(told[2].channels)
    assert [one.place for one in told] == sorted({one.place for one in told})
    assert told[2].d["causation_id"] == "c"
    again = events.of_answer(hotel, answer, 7, apply=False)
    assert [(one.id, one.place, one.channels) for one in again[1:]] == [
        (one.id, one.place, one.channels) for one in told[1:]
    ]
    assert hotel.requests["r1"].staff_id == "ben"


def test_a_refusal_goes_to_the_asker_and_the_deadlines_it_carries_to_everyone() -> None:
    hotel = Hotel("h")
    events.of_answer(hotel, ServicesAnswer(**HEAD, verdict="accepted", facts=[fact(requested=ASKED)]), 6)
    late = fact(breached=ServiceBreached(request_id="r1", promise="accept", due_at=2))
    refused = ServicesAnswer(**HEAD, verdict="refused", code="not_yours", facts=[late])
    breach, no = events.of_answer(hotel, refused, 7)
    assert hotel.requests["r1"].breached == ["accept"], "what came due is true though the command was refused"
    assert (breach.type, "ops:h" in breach.channels) == ("service_request_updated", True)
    assert (no.type, no.channels, no.d) == (
        "command_rejected",
        ("user:ann",),
        {"causation_id": "c", "code": "not_yours", "message": "because"},
    )
    assert breach.place < no.place


def test_a_check_in_without_a_room_is_told_alike_live_and_replayed() -> None:
    hotel = Hotel("h")
    facts = [
        RoomsFact(fact_id="1", occurred_at=1, checked_in=CheckedIn(reservation_id="R", room_id="101")),
        RoomsFact(fact_id="2", occurred_at=2, checked_in=CheckedIn(reservation_id="R")),
        RoomsFact(
            fact_id="3",
            occurred_at=3,
            room_status_changed=RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty"),
        ),
    ]
    answer = RoomsAnswer(**HEAD, verdict="accepted", facts=facts)
    live = [(one.id, one.place) for one in events.of_answer(hotel, answer, 7)]
    assert live == [(one.id, one.place) for one in events.of_answer(hotel, answer, 7, apply=False)]
    assert list(dict.fromkeys(one for one, _ in live)) == ["1", "3"]


def test_guests_learn_nothing_of_who_was_in_their_room_nor_of_what_contradicts() -> None:
    hotel = Hotel("h")
    status = {"room_id": "101", "dimension": "front_office", "value": "occupied"}
    came = CheckedIn(reservation_id="R", room_id="101", guest_id="eve")
    facts = [
        RoomsFact(fact_id="1", occurred_at=1, checked_in=came),
        RoomsFact(
            fact_id="2", occurred_at=2,
            room_status_changed=RoomStatusChanged(**status, derived=True, reservation_id="R", guest_id="eve"),  # type: ignore[arg-type]  # a Literal by its text
        ),
        RoomsFact(
            fact_id="3", occurred_at=3,
            room_status_changed=RoomStatusChanged(room_id="101", dimension="seen", value="vacant"),
        ),
        RoomsFact(fact_id="4", occurred_at=4, discrepancy_found=DiscrepancyFound(room_id="101", kind="skip")),
    ]  # fmt: skip
    told = events.of_answer(hotel, RoomsAnswer(**HEAD, verdict="accepted", facts=facts), 7)
    guests = [one for one in told if "room:h:101" in one.channels]
    assert [one.id for one in guests] == ["1", "2"]
    assert all("eve" not in str(one.d) and "skip" not in str(one.d) for one in guests)
    assert [one.d["room"]["discrepancy"] for one in told if "ops:h" in one.channels][-1] == "skip"


def test_of_a_fire_the_house_learns_of_a_panic_and_a_drill_it_does_not() -> None:
    for kind, drill, house in (("fire", False, True), ("panic", False, False), ("fire", True, False)):
        raised = EmergencyRaised(alert_id="a", kind=kind, location="bar", drill=drill, realert_at=9)  # type: ignore[arg-type]  # a Literal by its text
        made = AlertsFact(fact_id="1", occurred_at=1, emergency_raised=raised)
        told = events.of_answer(Hotel("h"), AlertsAnswer(**HEAD, verdict="accepted", facts=[made]), 7)
        assert {one.type for one in told} == {"emergency_alert"}
        assert [one.channels for one in told[1:]] == [("property:h",)] * house
        assert "property:h" not in told[0].channels


def test_the_house_learns_where_it_burns_and_not_who_called_or_what_they_wrote() -> None:
    raised = EmergencyRaised(
        alert_id="a", kind="fire", location="bar", note="call me at 555", room_id="101", realert_at=9
    )
    made = AlertsFact(fact_id="1", occurred_at=1, emergency_raised=raised)
    full, house = events.of_answer(Hotel("h"), AlertsAnswer(**HEAD, verdict="accepted", facts=[made]), 7)
    assert (full.d["alert"]["note"], full.d["alert"]["raised_by"]) == ("call me at 555", "ann")
    assert (house.d["alert"]["location"], house.d["version"]) == ("bar", 7)
    assert "555" not in str(house.d)
    assert "ann" not in str(house.d)


def test_who_raised_an_emergency_learns_who_comes() -> None:
    hotel = Hotel("h")
    raised = EmergencyRaised(alert_id="a", kind="medical", location="bar", realert_at=9)
    came = EmergencyAcknowledged(alert_id="a", staff_id="ben")
    for offset, said in ((7, {"emergency_raised": raised}), (8, {"emergency_acknowledged": came})):
        made = AlertsFact(fact_id="1", occurred_at=1, **said)
        head = HEAD | {"expected": offset}
        answer = AlertsAnswer(**head, verdict="accepted", facts=[made])
        (told,) = events.of_answer(hotel, answer, offset)
        assert told.channels == ("staff:h", "ops:h", "user:ann")
        (again,) = events.of_answer(hotel, answer, offset, apply=False)
        assert again.channels == told.channels
    assert told.d["alert"]["acknowledged_by"] == "ben"


def test_what_is_wanted_by_push_alone_is_not_in_the_bell() -> None:
    hotel = Hotel("h")
    facts = [
        NotificationsFact(
            fact_id=own, occurred_at=1,
            notified=Notified(
                notification_id=own, user_id="ann", category="request", title="t", body="b",
                channels=channels, expires_at=9,  # type: ignore[arg-type]  # Literals by their text
            ),
        )
        for own, channels in (("quiet", ["push"]), ("both", ["bell", "push"]))
    ]  # fmt: skip
    answer = NotificationsAnswer(**HEAD, verdict="accepted", facts=facts)
    for apply in (True, False):
        told = events.of_answer(hotel, answer, 7, apply=apply)
        assert [(one.type, one.id) for one in told] == [("notification", "both")]
    assert set(hotel.notifications["ann"]) == {"both"}
    kept = hotel.notifications["ann"]["both"]
    found = ReadModel()
    quiet = replace(kept, notification_id="quiet", channels=["push"])
    found.restore("h", {"notification": {"both": kept, "quiet": quiet}}, 7)
    assert set(found.of("h").notifications["ann"]) == {"both"}, "nor after a start from a snapshot"


def test_marks_go_to_all_devices_of_the_person_and_shifts_to_those_who_work() -> None:
    hotel = Hotel("h")
    note = Notified(
        notification_id="n", user_id="ann", category="request", title="t", body="b", channels=["bell"],
        expires_at=9,
    )  # fmt: skip
    facts = [
        NotificationsFact(fact_id="1", occurred_at=1, notified=note),
        NotificationsFact(
            fact_id="2", occurred_at=2, read=NotificationRead(notification_id="n", user_id="ann")
        ),
        NotificationsFact(
            fact_id="3", occurred_at=3, expired=NotificationExpired(notification_id="n", user_id="ann")
        ),
    ]
    told = events.of_answer(hotel, NotificationsAnswer(**HEAD, verdict="accepted", facts=facts), 7)
    assert [one.type for one in told] == ["notification", "notification_updated", "notification_updated"]
    assert {one.channels for one in told} == {("user:ann",)}
    assert (told[1].d["notification"]["status"], told[2].d["notification"]) == ("read", None)
    began = ShiftStarted(shift_id="s", staff_id="ben", department="spa", ends_at=9)
    shift = StaffFact(fact_id="4", occurred_at=1, shift_started=began)
    (on,) = events.of_answer(hotel, StaffAnswer(**HEAD, verdict="accepted", facts=[shift]), 7)
    assert (on.type, on.channels) == ("staff_online", ("staff:h", "ops:h", "user:ben"))
    assert on.d["on_duty"]
