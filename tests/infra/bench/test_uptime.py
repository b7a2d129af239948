"""The bench of uptime, short: it counts what happened, and nothing is lost."""

from __future__ import annotations

import random

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import uptime
from infra.bench.alone import Alone


async def test_clients_whose_lines_break_are_back_and_miss_nothing(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(2**31)
    print(f"seed {seed}")
    monkeypatch.setattr(uptime, "FAULT_SECONDS", 0.3)
    monkeypatch.setattr(uptime, "RESTART_SECONDS", 2.5)
    monkeypatch.setattr(uptime, "TALK_SECONDS", 0.5)
    found = (await uptime.measure(stand, producer, seed, clients=6, seconds=5.0, say=print)).figures
    assert found["restarts"] == 2
    assert found["faults"] > 0
    assert found["gaps"] > 0
    assert 0 < found["uptime_least_percent"] <= found["uptime_percent"] < 100
    assert found["deliveries"] == 6 * 10 * 3
    wrong = ("lost", "doubled", "reordered", "foreign", "acked_and_gone", "unsettled")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0.0)
