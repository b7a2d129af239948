"""Emergencies ring until somebody comes; announcements have an end."""

from __future__ import annotations

from schemas.record import Record
from schemas.records.alerts import AlertCommand, Announce, RaiseEmergency
from schemas.records.base import Role
from streams.rules.alerts import REALERT_AT_MOST, REALERT_MS, Alerts
from streams.rules.deciding import FIRE_AT_MOST, Ask, Context, Decision

HELP = RaiseEmergency(kind="medical", location="Pool")


def _ask(alerts: Alerts, name: str, body: Record, at: int, role: Role = "staff") -> Decision:
    decision = alerts.decide(Ask(f"c{at}", at, "ann", role, name, body), Context())
    for fact in decision.facts:
        alerts.apply(fact.name, fact.body, fact.at, "ann")
    return decision


def _ring(alerts: Alerts, at: int) -> int:
    fired = alerts.fire(at, Context())
    for fact in fired.facts if fired else ():
        alerts.apply(fact.name, fact.body, fact.at, "timer")
    return len(fired.facts) if fired else 0


def test_it_rings_again_each_minute_until_acknowledged() -> None:
    alerts = Alerts()
    assert _ask(alerts, "raise_emergency", HELP, 1, "guest").verdict == "accepted"
    assert _ring(alerts, REALERT_MS) == 0
    assert _ring(alerts, REALERT_MS + 1) == 1
    assert _ring(alerts, REALERT_MS + 2) == 0
    step = AlertCommand(alert_id="c1")
    assert _ask(alerts, "acknowledge", step, 70_000, "guest").code == "forbidden"
    assert _ask(alerts, "acknowledge", step, 70_001).verdict == "accepted"
    assert _ask(alerts, "acknowledge", step, 70_002).code == "already_acknowledged"
    assert alerts.due() is None
    assert _ask(alerts, "resolve", step, 70_003).verdict == "accepted"
    assert _ask(alerts, "resolve", step, 70_004).code == "wrong_state"


def test_it_does_not_ring_for_ever() -> None:
    alerts = Alerts()
    _ask(alerts, "raise_emergency", HELP, 1)
    rings = sum(_ring(alerts, 1 + n * REALERT_MS) for n in range(1, 2 * REALERT_AT_MOST))
    assert rings == REALERT_AT_MOST


def test_an_emergency_needs_a_place_that_exists() -> None:
    alerts = Alerts()
    assert _ask(alerts, "raise_emergency", RaiseEmergency(kind="fire"), 1).code == "location_missing"
    nowhere = RaiseEmergency(kind="fire", room_id="999")
    assert _ask(alerts, "raise_emergency", nowhere, 2).code == "unknown_room"


def test_an_announcement_is_staffs_and_ends() -> None:
    alerts = Alerts()
    word = Announce(audience="house", title="Drill", body="At noon.", until=1_000)
    assert _ask(alerts, "announce", word, 1, "guest").code == "forbidden"
    assert _ask(alerts, "announce", word, 2_000).code == "invalid_end"
    assert _ask(alerts, "announce", word, 2).verdict == "accepted"
    assert alerts.announcements["c2"].made_by == "ann"


def test_one_tick_rings_a_bounded_number_of_alerts_and_the_next_goes_on() -> None:
    alerts = Alerts()
    for number in range(FIRE_AT_MOST + 5):
        _ask(alerts, "raise_emergency", HELP, 1 + number)
    later = 1 + FIRE_AT_MOST + 5 + REALERT_MS
    assert [_ring(alerts, later) for _ in range(3)] == [FIRE_AT_MOST, 5, 0]
    assert {alert.times for alert in alerts.alerts.values()} == {1}
