"""Who may be told: people, their switches, duty; and nothing of who was erased."""

from __future__ import annotations

from schemas.records.base import Role
from schemas.records.people import PeopleRecord, Person, Preference, Preferences
from schemas.records.settings import Retention, SettingsRecord
from schemas.records.staff import ShiftEnded, ShiftStarted, StaffFact
from streams.rules.audience import DAY_MS, Audience
from tests.streams.rules.test_notifications import of_rooms
from tests.streams.rules.test_stays import booked, came, left


def _person(audience: Audience, name: str, role: Role) -> None:
    person = Person(user_id=name, role=role, name=name)
    audience.take(PeopleRecord(property_id="h", kind="person", id=name, at=1, person=person))


def _duty(audience: Audience, name: str, department: str) -> None:
    started = ShiftStarted(shift_id=name, staff_id=name, department=department, ends_at=9)
    audience.shift(StaffFact(fact_id="f", occurred_at=1, shift_started=started))


def test_an_erased_person_is_told_nothing_more() -> None:
    audience = Audience()
    _person(audience, "max", "manager")
    _person(audience, "gus", "guest")
    audience.take(of_rooms(came("r", "gus")))
    switches = [Preference(category="assignment", channel="push", on=False)]
    said = Preferences(user_id="gus", switches=switches)
    audience.take(PeopleRecord(property_id="h", kind="preferences", id="gus", at=1, preferences=said))
    assert audience.house(staff_only=False) == ["gus", "max"]
    assert audience.channels("gus", "assignment") == ["bell"]
    assert audience.channels("gus", "emergency") == ["bell", "push"], "an emergency bypasses switches"
    audience.forget("person", "gus")
    audience.forget("preferences", "gus")
    audience.forget("subscription", "gus")
    assert audience.house(staff_only=False) == ["max"]
    assert audience.channels("gus", "assignment") == ["bell", "push"]


def test_the_house_is_who_works_there_and_the_guests_but_those_whose_stay_is_not_on() -> None:
    audience = Audience()
    for name in ("here", "gone", "coming", "unknown"):
        _person(audience, name, "guest")
    for name, role in (("sam", "staff"), ("max", "manager"), ("ada", "admin"), ("pms", "system")):
        _person(audience, name, role)  # type: ignore[arg-type]  # they are roles
    audience.take(of_rooms(came("r1", "here"), came("r2", "gone"), came("r3", "nobody known")))
    audience.take(of_rooms(left("r2"), booked("r4", "coming")))
    assert audience.house(staff_only=False) == ["ada", "here", "max", "sam", "unknown"]
    assert audience.house(staff_only=True) == ["ada", "max", "sam"]


def test_responders_are_those_on_duty_for_it_else_everybody_on_duty_and_the_managers() -> None:
    audience = Audience()
    _person(audience, "max", "manager")
    _duty(audience, "hana", "housekeeping")
    assert audience.responders() == ["hana", "max"]
    _duty(audience, "sam", "security")
    assert audience.responders() == ["max", "sam"]
    over = ShiftEnded(shift_id="before", staff_id="sam")
    audience.shift(StaffFact(fact_id="f", occurred_at=2, shift_ended=over))
    assert audience.responders() == ["max", "sam"], "the end of the shift before is told late"
    ended = ShiftEnded(shift_id="sam", staff_id="sam")
    audience.shift(StaffFact(fact_id="g", occurred_at=3, shift_ended=ended))
    assert audience.responders() == ["hana", "max"]


def test_how_long_to_keep_is_the_hotels_word() -> None:
    audience = Audience()
    kept = Retention(request_days=2)
    audience.take(
        SettingsRecord(property_id="h", kind="retention", id="h", at=1, actor_id="a", retention=kept)
    )
    assert audience.keep_ms("request") == 2 * DAY_MS
    audience.forget("retention", "h")
    assert audience.keep_ms("request") == 14 * DAY_MS
