"""What becomes a notification for whom, and what people and time make of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.records import alerts, services
from schemas.records.base import Cause, Why
from schemas.records.notifications import MarkNotifications, Notified
from schemas.records.people import PeopleRecord, Person, Preference, Preferences
from schemas.records.rooms import RoomsAnswer, RoomsFact
from schemas.records.settings import Retention, SettingsRecord
from schemas.records.staff import ShiftEnded, ShiftStarted, StaffFact
from streams.rules.audience import DAY_MS, Audience
from streams.rules.deciding import Ask, Decision
from streams.rules.notifications import MAX_EXPIRED, MAX_PEOPLE, Notifications
from tests.streams.rules.test_service_load import requested
from tests.streams.rules.test_stays import came, left

HEAD: dict[str, Any] = {
    "event_id": "e",
    "property_id": "h",
    "recorded_at": 1,
    "actor_id": "a",
    "actor_role": "staff",
    "causation_id": "c",
    "cause": Cause(topic="t", partition=0, offset=0),
    "expected": 0,
    "verdict": "accepted",
    "why": Why(rule="r", sentence="s"),
}


def of_services(at: int = 1, **body: Any) -> services.ServicesAnswer:
    return services.ServicesAnswer(
        **HEAD, facts=[services.ServicesFact(fact_id=f"f{at}", occurred_at=at, **body)]
    )


def of_alerts(at: int = 1, **body: Any) -> alerts.AlertsAnswer:
    return alerts.AlertsAnswer(**HEAD, facts=[alerts.AlertsFact(fact_id=f"f{at}", occurred_at=at, **body)])


def of_rooms(*facts: RoomsFact) -> RoomsAnswer:
    return RoomsAnswer(**HEAD, facts=list(facts))


def person(user_id: str, role: Any) -> PeopleRecord:
    who = Person(user_id=user_id, role=role, name=user_id)
    return PeopleRecord(property_id="h", kind="person", id=user_id, at=1, person=who)


def off(user_id: str, *switches: tuple[Any, Any]) -> PeopleRecord:
    listed = [Preference(category=category, channel=channel, on=False) for category, channel in switches]
    chosen = Preferences(user_id=user_id, switches=listed)
    return PeopleRecord(property_id="h", kind="preferences", id=user_id, at=1, preferences=chosen)


def told(decision: Decision | None) -> dict[str, Notified]:
    assert decision is not None
    found = [one.body for one in decision.facts]
    return {one.user_id: one for one in found if isinstance(one, Notified)}


def test_the_assigned_one_is_told_and_what_it_is_about() -> None:
    around = Audience()
    around.fact(requested("r1"))
    assigned = services.ServiceAssigned(request_id="r1", staff_id="sam")
    found = told(Notifications().read(of_services(assigned=assigned), around))
    assert (found["sam"].category, found["sam"].body) == ("assignment", "towels, room 101")


def test_the_guest_hears_of_accepted_and_completed_and_of_nothing_else() -> None:
    around, rules = Audience(), Notifications()
    asked = services.ServiceRequested(
        request_id="r1",
        room_id="101",
        guest_id="gina",
        item="towels",
        department="housekeeping",
        priority=2,
        credits=1,
        accept_by=1,
        resolve_by=2,
    )
    assert rules.read(of_services(1, requested=asked), around) is None
    step: dict[str, Any] = {"request_id": "r1", "staff_id": "sam"}
    accepted = told(rules.read(of_services(2, accepted=services.ServiceAccepted(**step)), around))
    completed = told(rules.read(of_services(3, completed=services.ServiceCompleted(**step)), around))
    assert set(accepted) == set(completed) == {"gina"}
    assert accepted["gina"].notification_id != completed["gina"].notification_id
    assert rules.read(of_services(4, started=services.ServiceStarted(**step)), around) is None
    around.take(of_rooms(came("r1", "gina"), left("r1")))
    late = rules.read(of_services(5, completed=services.ServiceCompleted(**step)), around)
    assert told(late) == {}
    assert late is not None
    assert [(one.id, one.eligible, one.reason) for one in late.candidates] == [("gina", False, "checked out")]
    again = services.ServiceAssigned(request_id="r1", staff_id="sam")
    assert set(told(rules.read(of_services(6, assigned=again), around))) == {"sam"}, "staff still have work"


def test_an_announcement_to_the_house_is_for_nobody_who_left_it() -> None:
    around = Audience()
    for one in (person("ann", "guest"), person("bob", "guest"), person("sam", "staff")):
        around.take(one)
    around.take(of_rooms(came("r1", "ann"), came("r2", "bob"), left("r2")))
    word = alerts.Announced(announcement_id="x", audience="house", title="Pool", body="open", until=9)
    assert set(told(Notifications().read(of_alerts(announced=word), around))) == {"ann", "sam"}


def test_switches_are_kept_and_why_names_who_was_left_out() -> None:
    around = Audience()
    for one in (person("ann", "guest"), person("bob", "guest"), person("sam", "staff")):
        around.take(one)
    around.take(of_rooms(came("r1", "ann"), came("r2", "bob")))
    around.take(off("ann", ("announcement", "push")))
    around.take(off("bob", ("announcement", "push"), ("announcement", "bell")))
    word = alerts.Announced(announcement_id="x", audience="house", title="Pool", body="open", until=9)
    decision = Notifications().read(of_alerts(announced=word), around)
    assert decision is not None
    assert {user: one.channels for user, one in told(decision).items()} == {
        "ann": ["bell"],
        "sam": ["bell", "push"],
    }
    assert [(one.id, one.eligible) for one in decision.candidates if not one.eligible] == [("bob", False)]
    assert decision.sentence == "Pool: 2 told, 1 left out."


def on_duty(around: Audience, staff_id: str, department: str) -> None:
    started = ShiftStarted(shift_id=staff_id, staff_id=staff_id, department=department, ends_at=9)
    around.shift(StaffFact(fact_id="f", occurred_at=1, shift_started=started))


def test_an_emergency_reaches_responders_on_shift_and_managers_whatever_their_switches() -> None:
    around = Audience()
    around.take(person("max", "manager"))
    around.take(off("max", ("emergency", "push"), ("emergency", "bell")))
    for staff_id, department in (("sec", "security"), ("hk", "housekeeping"), ("home", "security")):
        on_duty(around, staff_id, department)
    ended = ShiftEnded(shift_id="home", staff_id="home")
    around.shift(StaffFact(fact_id="f", occurred_at=2, shift_ended=ended))
    raised = alerts.EmergencyRaised(alert_id="x", kind="fire", location="Room 101", realert_at=9)
    found = told(Notifications().read(of_alerts(emergency_raised=raised), around))
    assert {user: one.channels for user, one in found.items()} == {
        "sec": ["bell", "push"],
        "max": ["bell", "push"],
    }
    assert "Room 101" in found["sec"].title
    again = alerts.EmergencyRealerted(alert_id="x", times=1, realert_at=9)
    assert (
        told(Notifications().read(of_alerts(2, emergency_realerted=again), around))["sec"].body == "Room 101"
    )


def test_without_responders_everybody_on_shift_is_told() -> None:
    around = Audience()
    on_duty(around, "hk", "housekeeping")
    raised = alerts.EmergencyRaised(alert_id="x", kind="fire", location="Bar", realert_at=9)
    assert set(told(Notifications().read(of_alerts(emergency_raised=raised), around))) == {"hk"}


def test_retention_is_the_hotels() -> None:
    around = Audience()
    keep = Retention(assignment_days=2)
    around.take(SettingsRecord(property_id="h", kind="retention", id="h", at=1, actor_id="a", retention=keep))
    assigned = services.ServiceAssigned(request_id="r1", staff_id="sam")
    found = told(Notifications().read(of_services(5, assigned=assigned), around))
    assert found["sam"].expires_at == 5 + 2 * DAY_MS


def test_a_huge_house_stays_one_answer() -> None:
    around = Audience()
    for n in range(MAX_PEOPLE + 3):
        around.take(person(f"g{n}", "staff"))
    word = alerts.Announced(announcement_id="x", audience="house", title="T", body="b" * 8_000, until=9)
    decision = Notifications().read(of_alerts(announced=word), around)
    assert len(told(decision)) == MAX_PEOPLE


def kept(*ids: str, user: str = "ann", expires_at: int = 100) -> Notifications:
    rules = Notifications()
    for one in ids:
        note = Notified(
            notification_id=one,
            user_id=user,
            category="request",
            title="t",
            body="b",
            channels=["bell"],
            expires_at=expires_at,
        )
        rules.apply("notified", note, 1, "system")
    return rules


def mark(rules: Notifications, status: Any, ids: list[str], user: str = "ann") -> Decision:
    ask = Ask("c", 5, user, "guest", "mark", MarkNotifications(ids=ids, status=status))
    decision = rules.decide(ask, Audience())
    for one in decision.facts:
        rules.apply(one.name, one.body, one.at, user)
    return decision


def test_nobody_marks_what_is_anothers() -> None:
    rules = kept("n1")
    assert mark(rules, "read", ["n1"], user="eve").code == "not_found"
    assert rules.by_id["n1"].status == "unseen"


def test_a_foreign_id_among_the_own_marks_only_the_own() -> None:
    rules = kept("n1", "n2")
    assert len(mark(rules, "read", ["n1", "zzz"]).facts) == 1
    assert rules.by_id["n2"].status == "unseen"


@given(st.lists(st.tuples(st.sampled_from(["seen", "read"]), st.sets(st.sampled_from(["a", "b"])))))
def test_a_status_only_climbs(marks: list[tuple[str, set[str]]]) -> None:
    rules = kept("a", "b")
    best = {"a": 0, "b": 0}
    for status, ids in marks:
        mark(rules, status, sorted(ids))
        for one in ids or {"a", "b"}:
            best[one] = max(best[one], 1 if status == "seen" else 2)
    ranks = ["unseen", "seen", "read"]
    assert {one: ranks.index(rules.by_id[one].status) for one in best} == best


def test_what_is_kept_long_enough_is_cleaned_up_in_bounded_steps() -> None:
    rules = kept(*(f"n{n:04}" for n in range(MAX_EXPIRED + 1)))
    assert rules.due() == 100
    assert rules.fire(99, None) is None
    first = rules.fire(100, None)
    assert first is not None
    assert len(first.facts) == MAX_EXPIRED
    for one in first.facts:
        rules.apply(one.name, one.body, one.at, "system")
    assert rules.due() == 100
    assert len(rules.by_id) == 1
