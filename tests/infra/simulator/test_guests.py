"""What simulated guests want."""

from __future__ import annotations

import datetime

from infra.simulator import day, guests, layout
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.stays import OCCUPANCY


def test_a_day_brings_requests_and_chats_in_proportion_to_the_guests() -> None:
    hotel = layout.hotel(0, 100)
    steps = list(day.world(hotel, 3, datetime.date(2026, 3, 1)).run(until=DAY_S + 7 * HOUR_S))
    requests = sum(step.command == "services.request" for step in steps)
    stays = 100 * OCCUPANCY
    assert 0.6 < requests / (stays * guests.REQUESTS_PER_STAY_AND_DAY) < 1.4


def test_every_chat_gets_an_answer_of_staff() -> None:
    hotel = layout.hotel(0, 60)
    steps = list(day.world(hotel, 3, datetime.date(2026, 3, 1)).run(until=2 * DAY_S))
    opened = {step.id for step in steps if step.command == "chat.open" and step.at < 2 * DAY_S - HOUR_S}
    answered = {s.body["thread_id"] for s in steps if s.command == "chat.send" and s.actor.role == "staff"}
    assert opened
    assert opened <= answered


def test_now_and_then_there_is_an_emergency_and_somebody_sees_to_it() -> None:
    hotel, days = layout.hotel(0, 10), 80
    steps = list(day.world(hotel, 3, datetime.date(2026, 3, 1)).run(until=days * DAY_S))
    raised = [s for s in steps if s.command == "alerts.raise_emergency" and s.at < days * DAY_S - HOUR_S]
    assert 0.5 < len(raised) / (days * guests.EMERGENCIES_PER_DAY) < 1.5
    assert all(step.body["drill"] == (step.body["kind"] == "fire") for step in raised)
    for command in ("alerts.acknowledge", "alerts.resolve"):
        assert {s.id for s in raised} <= {s.body["alert_id"] for s in steps if s.command == command}


def test_things_are_asked_for_at_their_hours_and_meals_are_on_the_bill() -> None:
    hotel = layout.hotel(0, 100)
    steps = list(day.world(hotel, 3, datetime.date(2026, 3, 1)).run(until=6 * DAY_S))
    items = {item.item: item for item in layout.CATALOGUE}
    for step in steps:
        if step.command == "services.request":
            assert items[step.body["item"]].asked_at(int(step.at % DAY_S // HOUR_S))
    meals = sum(s.body["item"] in ("breakfast", "dinner") for s in steps if s.command == "services.request")
    bills = sum(s.body["kind"] == "food" for s in steps if s.command == "rooms.post_charge")
    assert 0.7 * meals < bills <= meals
