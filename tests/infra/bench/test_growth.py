"""The bench of growth, small."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import growth
from infra.bench.alone import Alone


async def test_figures_of_every_size(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "HOTELS", (1, 3))
    found = await growth.measure(stand, producer, facts=60, stays=50)
    assert found.figures.keys() == found.baseline.keys()
    assert found.figures["megabytes_10_times_history"] > 0
