"""The bench of rest, small."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import idle
from infra.bench.alone import Alone


async def test_sockets_at_rest_are_counted(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "SETTLE_SECONDS", 0.1)
    found = await idle.measure(stand, producer, sockets=30, seconds=0.5, core=None)
    assert found.baseline.keys() == {"percent_of_a_core", "kb_a_socket"} == found.figures.keys() - {"sockets"}
