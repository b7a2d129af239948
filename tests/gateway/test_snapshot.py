"""What each kind of channel begins with."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import snapshot
from gateway.channels import Channel
from gateway.claims import verify
from gateway.presence import Presence
from gateway.readmodel.hotel import Thread
from gateway.readmodel.model import ReadModel
from schemas.records.alerts import AlertState, AnnouncementState
from schemas.records.chats import ThreadOpened
from schemas.records.notifications import NotificationState
from schemas.records.rooms import ReservationState, RoomState
from schemas.records.services import RequestState
from schemas.records.staff import ShiftState
from tests.gateway.support import settings_for, token

NOW = 100


def request(own: str, **more: Any) -> RequestState:
    return RequestState(
        request_id=own, room_id="101", item="x", department="spa", priority=2, credits=0.5,
        accept_by=1, resolve_by=2, created_at=1, **more,
    )  # fmt: skip


@pytest.fixture
def model() -> ReadModel:
    found = ReadModel()
    hotel = found.of("h")
    for one in (
        request("r1", guest_id="gus"),
        request("r2", staff_id="ben"),
        request("r3", status="completed"),
    ):
        hotel.requests[one.request_id] = one
    hotel.versions["request", "r1"] = 7
    hotel.rooms["101"], hotel.rooms["102"] = RoomState(room_id="101"), RoomState(room_id="102")
    for own, kind, status in (
        ("fire", "fire", "raised"),
        ("ill", "medical", "raised"),
        ("over", "fire", "resolved"),
    ):
        hotel.alerts[own] = AlertState(
            alert_id=own, kind=kind, status=status, location="bar", raised_by="x", raised_at=1  # type: ignore[arg-type]  # Literals by their text
        )  # fmt: skip
    for own, audience, until in (("pool", "house", 200), ("party", "staff", 200), ("past", "house", 50)):
        hotel.announcements[own] = AnnouncementState(
            announcement_id=own, audience=audience, title="t", body="b", until=until, made_by="m", made_at=1  # type: ignore[arg-type]  # a Literal by its text
        )  # fmt: skip
    for own, ended in (("ben", None), ("cem", 5)):
        hotel.shifts[own] = ShiftState(
            staff_id=own, shift_id="s", department="spa", started_at=1, ends_at=9, ended_at=ended
        )
    for own, department in (("t1", "spa"), ("t2", "bar")):
        opened = ThreadOpened(kind="guest_department", department=department, guest_id="gus")
        hotel.threads[own] = Thread(own, opened, "gus", 1, {"gus"})
    hotel.threads["t2"].closed = True
    hotel.notifications["gus"] = {
        "n": NotificationState(
            notification_id="n", user_id="gus", category="request", title="t", body="b", channels=["bell"],
            notified_at=1, expires_at=9,
        )
    }  # fmt: skip
    return found


def of(model: ReadModel, kind: Any, own: str = "", role: str = "admin", **more: Any) -> dict[str, Any]:
    claims = verify(token(role, sub="gus", room="101", **more), settings_for("127.0.0.1:1"))
    return snapshot.of(Channel(kind, "h", own), claims, model, Presence("g"), NOW)


def ids(found: list[dict[str, Any]], name: str) -> list[str]:
    return [one[name] for one in found]


def test_the_house_learns_what_everybody_must_know(model: ReadModel) -> None:
    found = of(model, "property")
    assert ids(found["alerts"], "alert_id") == ["fire"]
    assert ids(found["announcements"], "announcement_id") == ["pool"]
    assert found.keys() == {"property", "announcements", "alerts"}, "nothing of anybody"
    model.of("h").reservations["s"] = ReservationState(reservation_id="s", status="checked_out")
    left = of(model, "property", role="guest", stay="s")
    assert (ids(left["alerts"], "alert_id"), left["announcements"]) == (["fire"], [])


def test_staff_get_the_board_and_those_on_duty(model: ReadModel) -> None:
    found = of(model, "staff")
    assert ids(found["rooms"], "room_id") == ["101", "102"]
    assert ids(found["alerts"], "alert_id") == ["fire", "ill"]
    assert ids(found["announcements"], "announcement_id") == ["pool", "party"]
    assert ids(found["shifts"], "staff_id") == ["ben"]
    assert "requests" not in found


def test_a_department_gets_its_open_work_with_versions(model: ReadModel) -> None:
    found = of(model, "department", "spa")
    assert [(one["request_id"], one["version"]) for one in found["requests"]] == [("r1", 7), ("r2", 0)]
    assert ids(found["threads"], "thread_id") == ["t1"]
    assert of(model, "department", "bar") == {"requests": [], "threads": []}
    desk = of(model, "department", "front_desk")
    assert (ids(desk["requests"], "request_id"), desk["threads"]) == (["r1", "r2"], []), "whoever's they are"


def test_a_room_and_a_person_get_what_is_theirs(model: ReadModel) -> None:
    found = of(model, "room", "101")
    assert (ids(found["rooms"], "room_id"), ids(found["requests"], "request_id")) == (["101"], ["r1", "r2"])
    model.of("h").rooms["101"] = RoomState(room_id="101", changed_at={"stay": 50})
    assert ids(of(model, "room", "101")["requests"], "request_id") == ["r1", "r2"]
    found = of(model, "room", "101", role="guest")
    assert ids(found["requests"], "request_id") == ["r1"], "the other is of the guest before"
    found = of(model, "user", "gus")
    assert ids(found["requests"], "request_id") == ["r1"]
    assert ids(found["notifications"], "notification_id") == ["n"]
    assert ids(found["threads"], "thread_id") == ["t1"]
    assert found["alerts"] == [], "others'"
    assert ids(of(model, "user", "x")["alerts"], "alert_id") == ["fire", "ill"], "raised, and not over"
    found = of(model, "user", "ben")
    assert (ids(found["requests"], "request_id"), found["notifications"]) == (["r2"], [])


def test_a_thread_says_whether_there_is_more_than_it_shows(model: ReadModel) -> None:
    found = of(model, "thread", "t1")
    assert (found["thread"]["members"], found["messages"], found["earlier"]) == (["gus"], [], False)
    model.of("h").threads["t1"].offsets.append(3)
    assert of(model, "thread", "t1")["earlier"], "it is on the log, no longer in memory"


def test_a_hotel_nobody_spoke_of_has_nothing(model: ReadModel) -> None:
    claims = verify(token("admin", "*"), settings_for("127.0.0.1:1"))
    assert snapshot.of(Channel("ops", "other", ""), claims, model, Presence("g"), NOW) == {}
