"""The proof of delivery, short: nothing lost, nothing twice, nothing out of order."""

from __future__ import annotations

import random

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import delivery
from infra.bench.alone import Alone


async def test_chats_under_bad_weather_are_heard_once_in_order(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(2**31)
    print(f"seed {seed}")
    monkeypatch.setattr(delivery, "LASTS_SECONDS", (0.1, 2.0))
    monkeypatch.setattr(delivery, "STOPPED_SECONDS", (0.5, 2.0))
    monkeypatch.setattr(delivery, "GATEWAY_EVERY", 10)
    monkeypatch.setattr(delivery, "FAULTS_A_SECOND", 10.0)
    found = (await delivery.measure(stand, producer, 30, seed, clients=8, messages=15, say=print)).figures
    assert found["deliveries"] == 8 * 15 * 4
    wrong = ("lost", "doubled", "reordered", "foreign", "acked_and_gone", "unsettled")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0.0)
