"""The bench of the sink behind a warehouse that was away, small."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import catchup
from infra.bench.alone import Alone


async def test_it_catches_up_while_more_comes(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "CALM_SECONDS", 1.0)
    found = await catchup.measure(stand, producer, rate=50, away=2.0)
    assert found.baseline["facts_per_second"] == 50
    assert found.figures["facts_per_second"] > 50
    assert found.figures["megabytes"] >= found.baseline["megabytes"]
