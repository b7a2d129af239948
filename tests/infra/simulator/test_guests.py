"""What simulated guests want."""

from __future__ import annotations

import datetime

from infra.simulator import day, guests, layout
from infra.simulator.curves import DAY_S, HOUR_S


def test_a_day_brings_requests_and_chats_in_proportion_to_the_guests() -> None:
    hotel = layout.hotel(0, 100)
    steps = list(day.world(hotel, 3, datetime.date(2026, 3, 1)).run(until=DAY_S + 7 * HOUR_S))
    requests = sum(step.command == "services.request" for step in steps)
    stays = 100 * day.OCCUPANCY
    assert 0.6 < requests / (stays * guests.REQUESTS_PER_STAY_AND_DAY) < 1.4


def test_every_chat_gets_an_answer_of_staff() -> None:
    hotel = layout.hotel(0, 60)
    steps = list(day.world(hotel, 3, datetime.date(2026, 3, 1)).run(until=2 * DAY_S))
    opened = {step.id for step in steps if step.command == "chat.open" and step.at < 2 * DAY_S - HOUR_S}
    answered = {s.body["thread_id"] for s in steps if s.command == "chat.send" and s.actor.role == "staff"}
    assert opened
    assert opened <= answered
