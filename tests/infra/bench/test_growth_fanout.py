"""The bench of growth, small: every message is heard, however many hear it or say it."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import growth_fanout, sockets
from infra.bench.alone import Alone


async def test_it_costs_something_whoever_hears_it(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth_fanout, "RATE", 400.0)
    monkeypatch.setattr(growth_fanout, "RATE_OF_MANY", 40.0)
    monkeypatch.setattr(growth_fanout, "SECONDS", 0.5)
    monkeypatch.setattr(sockets, "QUIET_SECONDS", 0.2)
    found = await growth_fanout.measure(stand, producer, few=10, many=40, channels=40, core=None)
    assert found.figures.keys() == found.baseline.keys()
    assert found.figures.keys() == {"us_a_delivery_many_subscribers", "us_a_delivery_many_channels"}
