"""The bench of who reads slowly, small."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import slow
from infra.bench.alone import Alone


async def test_who_does_not_read_harms_nobody_and_misses_nothing(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "RATE", 200.0)  # so that they are behind soon: 2 s of it is 260 kB
    monkeypatch.setattr(slow, "WARM_SECONDS", 0.1)
    found = await slow.measure(stand, producer, sockets=40, stalled=4, seconds=2.0, core=None)
    assert found.figures.keys() == {"p50_ms", "p99_ms", "kb_a_stalled_socket", "whole_again_seconds"}
    assert found.baseline.keys() == {"p50_ms", "p99_ms"}
